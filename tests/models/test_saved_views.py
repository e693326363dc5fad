"""A saved view: of one person, or of the whole team."""

import pytest

from jobs import encryption
from jobs.models import SavedView
from tests.conftest import Stage


def made(stage: Stage, name: str, query: str = "") -> SavedView:
    view = SavedView(team=stage.acme)
    view.put(name, query)
    view.save()
    return view


def test_a_view_decrypts_only_in_its_own_row(stage: Stage) -> None:
    view, other = made(stage, "ours", "range=7d"), made(stage, "others")
    assert view.name_and_query() == ("ours", "range=7d")
    assert "ours" not in str(view)
    other.sealed = view.sealed
    with pytest.raises(encryption.Unreadable):
        other.name_and_query()


def test_personal_views_are_deleted_with_the_user_and_team_views_stay(stage: Stage) -> None:
    SavedView.objects.filter(pk=made(stage, "mine").pk).update(user=stage.bob)
    ours = made(stage, "ours")
    stage.bob.delete()
    assert list(SavedView.objects.all()) == [ours]
