"""User names: unique regardless of spelling, and none that looks like another."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from jobs.teams import people


@pytest.mark.parametrize("name", ["aliсe", "αlice", "mіa.b"])  # a Cyrillic es, a Greek alpha, a Ukrainian i
def test_a_new_name_cannot_mix_similar_alphabets(name: str) -> None:
    with pytest.raises(ValidationError):
        people.clean_new_name(name)


@pytest.mark.parametrize("name", ["mia", "josé.núñez-2", "алиса", "αλίκη", "アリス+1", "alice_アリス", "42"])
def test_names_in_one_alphabet_are_accepted(name: str) -> None:
    assert people.clean_new_name(name) == people.canonical(name)


def test_an_existing_mixed_name_stays_usable(db: None) -> None:
    User.objects.bulk_create([User(username="aliсe")])
    kept = User.objects.get(username="aliсe")
    kept.first_name = "Alice"
    kept.save()
    assert people.find("ALIСE") == kept
