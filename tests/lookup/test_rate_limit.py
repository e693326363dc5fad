"""Rate limits of a person, a team and a script."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jobs.lookup import rate_limit
from jobs.lookup.rate_limit import LISTS_OF_PERSON, LISTS_OF_TEAM, TooMany
from tests.conftest import Stage

A_MINUTE = 5


@pytest.fixture(autouse=True)
def clock(settings: Any, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Stops the clock 45 seconds before the next minute."""
    settings.LOOK_UPS_A_MINUTE = A_MINUTE
    clock = SimpleNamespace(time=lambda: 60_000_015.0)
    monkeypatch.setattr(rate_limit, "time", clock)
    return clock


def test_a_person_waits_a_minute_after_too_many_unknown_jobs(stage: Stage) -> None:
    for _ in range(A_MINUTE):
        rate_limit.spend(stage.bob)
    with pytest.raises(TooMany) as caught:
        rate_limit.spend(stage.bob)
    assert caught.value.wait == 45
    rate_limit.spend(stage.alice)


def test_each_job_of_a_paste_counts(stage: Stage) -> None:
    rate_limit.spend(stage.bob, A_MINUTE)
    with pytest.raises(TooMany):
        rate_limit.spend(stage.bob)


def test_the_count_restarts_each_minute(stage: Stage, clock: SimpleNamespace) -> None:
    rate_limit.spend(stage.bob, A_MINUTE)
    clock.time = lambda: 60_000_060.0
    rate_limit.spend(stage.bob, A_MINUTE)


def test_lists_are_limited_per_person_and_per_team(stage: Stage) -> None:
    for _ in range(LISTS_OF_PERSON * A_MINUTE):
        rate_limit.spend_on_list(stage.bob, stage.acme)
    with pytest.raises(TooMany):
        rate_limit.spend_on_list(stage.bob, stage.acme)
    people = [User(pk=number) for number in range(1_000, 1_000 + LISTS_OF_TEAM // LISTS_OF_PERSON)]
    for who in people:
        for _ in range(LISTS_OF_PERSON * A_MINUTE):
            rate_limit.spend_on_list(who, stage.elsewhere)
    with pytest.raises(TooMany):
        rate_limit.spend_on_list(stage.alice, stage.elsewhere)


def test_wrong_tokens_are_limited_by_address(stage: Stage) -> None:
    for _ in range(rate_limit.REFUSED):
        rate_limit.spend_on_refusal("203.0.113.7")
    with pytest.raises(TooMany):
        rate_limit.spend_on_refusal("203.0.113.7")
    rate_limit.spend_on_refusal("203.0.113.8")


def test_an_ipv6_network_counts_as_one_address(stage: Stage) -> None:
    for number in range(rate_limit.REFUSED):
        rate_limit.spend_on_refusal(f"2001:db8:1:2::{number:x}")
    with pytest.raises(TooMany):
        rate_limit.spend_on_refusal("2001:db8:1:2:ffff::1")
    rate_limit.spend_on_refusal("2001:db8:1:3::1")


def test_a_lost_count_is_restarted(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "add", lambda *given: False)
    monkeypatch.setattr(cache, "incr", lost)
    monkeypatch.setattr(cache, "get", lambda *given: 1)
    rate_limit.spend(stage.bob, A_MINUTE)
    with pytest.raises(TooMany):
        rate_limit.spend(stage.bob, A_MINUTE + 1)


def lost(*given: object) -> int:
    raise ValueError


def test_a_refused_caller_causes_no_write(stage: Stage) -> None:
    """Otherwise the requests of a flood would wait for each other, and use up all connections."""
    rate_limit.spend(stage.bob, A_MINUTE)
    with CaptureQueriesContext(connection) as asked, pytest.raises(TooMany):
        rate_limit.spend(stage.bob)
    written = [each["sql"] for each in asked if each["sql"].startswith(("UPDATE", "DELETE"))]
    assert not written


def test_a_refusal_is_logged_without_a_name(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(TooMany):
        rate_limit.spend(stage.bob, A_MINUTE + 1)
    assert f"user {stage.bob.pk} asked for unknown jobs more than 5 times" in caplog.text
    assert stage.bob.username not in caplog.text


def test_nothing_is_counted_without_a_limit(stage: Stage, settings: Any) -> None:
    settings.LOOK_UPS_A_MINUTE = 0
    for _ in range(3):
        rate_limit.spend(stage.bob, 1_000)
        rate_limit.spend_on_refusal(None)
