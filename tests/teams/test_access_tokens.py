"""Access tokens for scripts: shown once, each reads one team's jobs until it ends."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from jobs.models import AccessToken
from jobs.teams import access_tokens, members
from tests.conftest import Stage

NOW = timezone.now()


@pytest.fixture
def shown(stage: Stage) -> str:
    return access_tokens.make(stage.acme, "reports", 7, stage.alice, NOW).reveal()


def test_it_is_found_with_its_team_and_stored_as_a_digest(stage: Stage, shown: str) -> None:
    found = access_tokens.find(shown, NOW)
    assert found is not None
    assert (found.team, found.name, found.made_by) == (stage.acme, "reports", stage.alice)
    assert shown.startswith(found.prefix)
    assert shown not in repr(vars(found))


@pytest.mark.parametrize("typed", ["", "read_", "read_wrong", "read_\ud800"])
def test_another_text_is_not_a_token(shown: str, typed: str) -> None:
    assert access_tokens.find(typed, NOW) is None


def test_it_expires(shown: str) -> None:
    assert access_tokens.find(shown, NOW + timedelta(days=7, seconds=-1)) is not None
    assert access_tokens.find(shown, NOW + timedelta(days=7)) is None


def test_only_its_own_team_revokes_it_at_once(stage: Stage, shown: str) -> None:
    token = AccessToken.objects.get()
    assert access_tokens.revoke(stage.elsewhere, token.pk, NOW) is None
    assert access_tokens.find(shown, NOW) is not None
    assert access_tokens.revoke(stage.acme, token.pk, NOW) == token
    assert access_tokens.find(shown, NOW) is None
    assert access_tokens.revoke(stage.acme, token.pk, NOW) is None


def test_its_last_use_is_stored_once_an_hour(shown: str) -> None:
    for minutes, noted in ((0, 0), (59, 0), (60, 60)):
        access_tokens.find(shown, NOW + timedelta(minutes=minutes))
        assert AccessToken.objects.get().used_at == NOW + timedelta(minutes=noted)


def test_recently_expired_tokens_are_listed_and_older_or_revoked_ones_not(stage: Stage, shown: str) -> None:
    for name, days in (("other", 30), ("another", 30)):
        access_tokens.make(stage.acme, name, days, stage.alice, NOW)
    access_tokens.revoke(stage.acme, AccessToken.objects.get(name="other").pk, NOW)
    later = NOW + timedelta(days=7 + 29)
    assert [token.name for token in access_tokens.of_team(stage.acme, later)] == ["another", "reports"]
    assert [token.name for token in access_tokens.of_team(stage.acme, later + timedelta(days=2))] == ["another"]
    assert not access_tokens.of_team(stage.elsewhere, NOW)


def test_the_number_of_tokens_is_limited(stage: Stage, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_tokens, "MOST", 2)
    access_tokens.make(stage.acme, "second", 7, stage.alice, NOW)
    with pytest.raises(access_tokens.TooMany):
        access_tokens.make(stage.acme, "third", 7, stage.alice, NOW)
    access_tokens.make(stage.elsewhere, "theirs", 7, stage.charlie, NOW)
    access_tokens.make(stage.acme, "later", 7, stage.alice, NOW + timedelta(days=7))


class TestCreator:
    @pytest.mark.parametrize("how", ["removed", "disabled", "deleted"])
    def test_a_token_stops_with_its_creators_membership(self, stage: Stage, shown: str, how: str) -> None:
        members.join(stage.acme, stage.bob, "manager")
        match how:
            case "removed":
                members.leave(stage.acme, stage.alice.pk)
            case "disabled":
                User.objects.filter(pk=stage.alice.pk).update(is_active=False)
            case _:
                stage.alice.delete()
        assert access_tokens.find(shown, NOW) is None
        assert [token.is_orphan for token in access_tokens.of_team(stage.acme, NOW)] == [True]

    def test_membership_in_another_team_does_not_keep_it(self, stage: Stage, shown: str) -> None:
        members.join(stage.acme, stage.bob, "manager")
        members.join(stage.elsewhere, stage.alice, "manager")
        members.leave(stage.acme, stage.alice.pk)
        assert access_tokens.find(shown, NOW) is None

    def test_rejoining_restores_it(self, stage: Stage, shown: str) -> None:
        User.objects.filter(pk=stage.alice.pk).update(is_active=False)
        User.objects.filter(pk=stage.alice.pk).update(is_active=True)
        assert access_tokens.find(shown, NOW) is not None
        assert [token.is_orphan for token in access_tokens.of_team(stage.acme, NOW)] == [False]
