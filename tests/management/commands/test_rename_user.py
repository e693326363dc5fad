"""Renaming a user."""

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError

from tests.conftest import PASSWORD, Stage
from tests.management.running import run


def test_the_user_has_the_new_name_and_the_old_password(stage: Stage) -> None:
    assert "bob is robert now" in run("rename_user", "bob", "Robert")
    renamed = User.objects.get(pk=stage.bob.pk)
    assert renamed.username == "robert"
    assert renamed.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("zoe", "zoey", "no user 'zoe'"),
        ("bob", "ALICE", "a user 'alice' already"),
        ("bob", "bob@example.com", "@"),
        ("bob", "two words", "valid"),
        ("bob", "b\u043eb", "alphabet"),
    ],
    ids=["nobody", "taken in capitals", "an address", "spaces", "mixed alphabets"],
)
def test_an_invalid_name_changes_nothing(stage: Stage, old: str, new: str, said: str) -> None:
    before = set(User.objects.values_list("username", flat=True))
    with pytest.raises(CommandError, match=said):
        run("rename_user", old, new)
    assert set(User.objects.values_list("username", flat=True)) == before
