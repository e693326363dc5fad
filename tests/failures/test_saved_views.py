"""Views that are come back to."""

import pytest

from jobs.failures import saved_views
from tests.conftest import Stage


def test_ones_own_then_the_teams_and_nobody_elses(stage: Stage) -> None:
    for owner, name in ((None, "a team's"), (stage.bob, "bob's"), (stage.alice, "mine")):
        assert saved_views.save(stage.acme, owner, name, "range=7d")
    saved_views.save(stage.elsewhere, None, "elsewhere", "")
    assert [view.name for view in saved_views.of(stage.acme, stage.alice)] == ["mine", "a team's"]


def test_the_same_name_is_the_same_view(stage: Stage) -> None:
    saved_views.save(stage.acme, stage.alice, "mine", "range=7d")
    saved_views.save(stage.acme, stage.alice, "mine", "range=30d")
    assert [view.query for view in saved_views.of(stage.acme, stage.alice)] == ["range=30d"]


def test_there_are_not_too_many(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_views, "MOST", 1)
    assert saved_views.save(stage.acme, stage.alice, "one", "")
    assert not saved_views.save(stage.acme, stage.alice, "two", "")
    assert saved_views.save(stage.acme, stage.bob, "two", "")


def test_the_teams_are_removed_by_managers(stage: Stage) -> None:
    saved_views.save(stage.acme, None, "the team's", "")
    assert not saved_views.removable(stage.acme, stage.bob, manages=False).exists()
    assert saved_views.removable(stage.acme, stage.alice, manages=True).count() == 1
