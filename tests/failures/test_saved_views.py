"""Saved views."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from jobs import encryption
from jobs.failures import saved_views
from jobs.models import SavedView, Team
from jobs.models.prepared_query import select
from tests.conftest import Stage

NEW = "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldy0="


def opened(team: Team, user: User) -> list[saved_views.View]:
    return saved_views.read(team, select(saved_views.SQL, {"team": team.pk, "user": user.pk}))


def test_a_person_sees_their_own_views_then_the_teams(stage: Stage) -> None:
    for owner, name in ((None, "a team's"), (stage.bob, "bob's"), (stage.alice, "mine")):
        assert saved_views.save(stage.acme, owner, name, "range=7d")
    saved_views.save(stage.elsewhere, None, "elsewhere", "")
    assert [view.name for view in opened(stage.acme, stage.alice)] == ["mine", "a team's"]


def test_saving_under_the_same_name_replaces(stage: Stage) -> None:
    saved_views.save(stage.acme, stage.alice, "mine", "range=7d")
    saved_views.save(stage.acme, stage.alice, "mine", "range=30d")
    assert [view.query for view in opened(stage.acme, stage.alice)] == ["range=30d"]


def test_the_number_of_views_is_limited(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_views, "MOST", 1)
    assert saved_views.save(stage.acme, stage.alice, "one", "")
    assert not saved_views.save(stage.acme, stage.alice, "two", "")
    assert saved_views.save(stage.acme, stage.bob, "two", "")


def test_only_managers_remove_team_views(stage: Stage) -> None:
    saved_views.save(stage.acme, None, "the team's", "")
    assert not saved_views.removable(stage.acme, stage.bob, manages=False).exists()
    assert saved_views.removable(stage.acme, stage.alice, manages=True).count() == 1


def test_nothing_typed_is_stored_in_clear(stage: Stage) -> None:
    saved_views.save(stage.acme, None, "Lucía Ferrándiz", "provider=ferrandiz")
    row = SavedView.objects.get()
    assert "errándiz" not in f"{vars(row)} {row}"
    SavedView.objects.update(team=stage.elsewhere)  # moved there it does not open
    assert opened(stage.elsewhere, stage.charlie) == []


def test_rotation_reencrypts_views(stage: Stage, settings: Any) -> None:
    saved_views.save(stage.acme, None, "ours", "range=7d")
    SavedView.objects.create(team=stage.acme, sealed="1.0.lost")
    old = settings.TOKEN_ENCRYPTION_KEYS
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, *old]
    assert saved_views.reseal() == 1
    settings.TOKEN_ENCRYPTION_KEYS = [NEW]
    assert [view.query for view in opened(stage.acme, stage.alice)] == ["range=7d"]
    assert [view.sealed for view in saved_views.under_old_keys()] == ["1.0.lost"]
    assert encryption.is_newest(SavedView.objects.exclude(sealed="1.0.lost").get().sealed)


def test_an_undecryptable_view_is_skipped_but_counts(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_views, "MOST", 1)
    SavedView.objects.create(team=stage.acme, sealed="1.0.lost")
    assert opened(stage.acme, stage.alice) == []
    assert not saved_views.save(stage.acme, None, "ours", "")


def test_a_name_is_one_line(stage: Stage) -> None:
    saved_views.save(stage.acme, None, " two\nlines ", "range=7d")
    (view,) = opened(stage.acme, stage.alice)
    assert (view.name, view.query) == ("two lines", "range=7d")
