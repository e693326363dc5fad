"""User names: one person a name, however it is typed, and none that looks like another."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from jobs.teams import people


@pytest.mark.parametrize("name", ["aliсe", "αlice", "mіa.b"])  # a Cyrillic es, a Greek alpha, a Ukrainian i
def test_a_new_name_does_not_mix_alphabets_that_look_alike(name: str) -> None:
    with pytest.raises(ValidationError):
        people.clean_new_name(name)


@pytest.mark.parametrize("name", ["mia", "josé.núñez-2", "алиса", "αλίκη", "アリス+1", "alice_アリス", "42"])
def test_names_of_one_alphabet_are_taken(name: str) -> None:
    assert people.clean_new_name(name) == people.canonical(name)


def test_who_has_such_a_name_already_can_go_on_using_it(db: None) -> None:
    User.objects.bulk_create([User(username="aliсe")])
    kept = User.objects.get(username="aliсe")
    kept.first_name = "Alice"
    kept.save()
    assert people.find("ALIСE") == kept
