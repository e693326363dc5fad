"""The API client of a team, unless the team must not send requests."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from jobs.invopop.errors import APIError, Refused, Throttled, Unavailable
from jobs.models import Origin, Team, Token
from jobs.simulator.server import Simulator
from jobs.upstream import circuit_breaker
from jobs.upstream.clients import client_for


def test_requests_use_the_teams_own_api_key(team: Team, simulator: Simulator) -> None:
    client_for(team).workspace()
    assert simulator.requests.count("/access/v1/workspace") == 1


@pytest.mark.parametrize(
    ("change", "kind", "reason"),
    [
        (lambda: {"in_use": False}, Refused, "no token"),
        (lambda: {"refused_at": timezone.now()}, Refused, "token refused before"),
        (lambda: {"throttled_until": timezone.now() + timedelta(minutes=2)}, Throttled, "asked to slow down"),
        (lambda: {"sealed": "1.0.lost"}, APIError, "token unreadable"),
    ],
    ids=["none", "refused", "told to slow down", "sealed with a lost key"],
)
def test_a_blocked_team_sends_no_request(
    team: Team, simulator: Simulator, change: Callable[[], dict[str, object]], kind: type[APIError], reason: str
) -> None:
    Token.objects.filter(team=team).update(**change())
    with pytest.raises(kind) as caught:
        client_for(Team.objects.get(pk=team.pk))
    assert caught.value.reason == reason
    assert simulator.requests.count() == 0


def test_a_throttle_expires(team: Team) -> None:
    Token.objects.filter(team=team).update(throttled_until=timezone.now() - timedelta(seconds=1))
    client_for(Team.objects.get(pk=team.pk)).workspace()


def test_no_request_is_sent_while_the_circuit_breaker_is_open(team: Team, simulator: Simulator) -> None:
    now = timezone.now()
    origin = Origin.objects.create(
        url=simulator.url, failures=circuit_breaker.FAILURES, open_until=now + timedelta(seconds=9)
    )
    with pytest.raises(Unavailable, match="api down"):
        client_for(team)
    Origin.objects.filter(pk=origin.pk).update(open_until=now)
    client_for(team).workspace()
    assert simulator.requests.count("/access/v1/workspace") == 1
