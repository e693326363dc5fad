"""An attempt to refresh a job: what prevents it, the meaning of a failure, and a whole outage.

The outage lasts ten minutes, by a clock of the test's own.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from jobs import clock
from jobs.encryption import Secret
from jobs.invopop.client import Client
from jobs.invopop.errors import TOO_MUCH, Unusable
from jobs.models import Origin, Snapshot, Team, Token
from jobs.simulator.server import Simulator
from jobs.teams import api_tokens
from jobs.upstream import attempt, circuit_breaker, refresh, snapshots
from tests.conftest import Stage
from tests.invopop.asking import TOKEN
from tests.misbehaving import MisbehavingServer
from tests.upstream.viewing import TROUBLE, by_hand, look, poll, settle

JOBS, OUTAGE = 20, 600
SECOND = timedelta(seconds=1)


@dataclass
class World:
    """Every second each job that is due is asked for, as its watchers' polls would."""

    server: MisbehavingServer
    now: datetime
    asked: list[tuple[int, UUID]] = field(default_factory=list)  # second and job
    second: int = 0

    def go_on(self, seconds: int) -> None:
        for _ in range(seconds):
            self.second += 1
            self.now += SECOND
            for pk, job in Snapshot.objects.filter(next_at__lte=self.now).values_list("pk", "job_id"):
                before = len(self.server.requests)
                refresh._refresh(pk)
                if len(self.server.requests) > before:
                    self.asked.append((self.second, job))

    def per_second(self, since: int) -> Counter[int]:
        return Counter(second for second, _ in self.asked if second > since)


@pytest.fixture
def world(stage: Stage, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Twenty jobs that somebody watches, all with a copy."""
    with MisbehavingServer() as server:
        settings.INVOPOP_API_URL = server.url
        world = World(server, timezone.now())
        for each in (timezone, clock):
            monkeypatch.setattr(each, "now", lambda: world.now)
        monkeypatch.setattr(attempt, "SPREAD_SECONDS", 0)
        api_tokens.put_in_use(stage.acme, Secret(TOKEN), None)
        for _ in range(JOBS):
            Snapshot.objects.create(
                team=stage.acme, job_id=uuid4(), next_at=world.now, expires_at=world.now + timedelta(hours=1)
            )
        world.go_on(3)
        assert Snapshot.objects.filter(fetched_at__isnull=False).count() == JOBS
        yield world


def test_attempts_fall_to_one_per_half_minute_and_job_and_are_spread(world: World) -> None:
    world.server.fault = "U019 503"
    world.go_on(OUTAGE)
    calm = world.second - OUTAGE + 60
    of_a_job = Counter(job for second, job in world.asked if second > calm)
    assert max(of_a_job.values()) <= (OUTAGE - 60) / 30
    in_all = world.per_second(calm)
    assert sum(in_all.values()) <= (OUTAGE - 60) / 10  # the breaker lets one through in ten seconds
    assert max(in_all.values()) == 1
    due = {(row.next_at - world.now).total_seconds() // 1 for row in Snapshot.objects.all() if row.next_at}
    assert len(due) > 5


def test_after_recovery_all_copies_are_fresh_in_half_a_minute_without_a_rush(world: World) -> None:
    normal = max(world.per_second(0).values())
    world.server.fault = "U019 503"
    world.go_on(OUTAGE)
    assert not Snapshot.objects.filter(trouble="").exists()
    world.server.fault = None
    back = world.second
    world.go_on(30)
    assert Snapshot.objects.filter(trouble="").count() == JOBS
    assert max(world.per_second(back).values()) <= 2 * normal


def test_copies_keep_their_age_during_an_outage(world: World) -> None:
    before = dict(Snapshot.objects.values_list("job_id", "checked_at"))
    world.server.fault = "U019 503"
    world.go_on(120)
    for row in Snapshot.objects.all():
        assert (row.checked_at, row.trouble) == (before[row.job_id], Snapshot.Trouble.STALE)
        assert row.failing_since is not None


def test_recovery_brings_stale_refreshes_forward(team: Team, waiting: UUID, job_id: UUID, simulator: Simulator) -> None:
    look(team, waiting)
    look(team, job_id)
    now = timezone.now()
    late = {"trouble": TROUBLE.STALE, "failures": 9, "next_at": now + timedelta(seconds=45)}
    Snapshot.objects.filter(job_id=job_id).update(**late)
    Origin.objects.create(url=simulator.url, failures=circuit_breaker.FAILURES, open_until=now)
    assert poll(waiting).trouble == ""
    next_at = Snapshot.objects.get(job_id=job_id).next_at
    assert next_at is not None
    assert next_at <= timezone.now() + attempt.BACK_WITHIN


def test_an_internal_error_is_logged_and_leaves_nobody_waiting(
    team: Team, job_id: UUID, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Odd(Client):
        def job(self, job_id: Any) -> bytes:
            raise ZeroDivisionError

    monkeypatch.setattr(attempt, "Client", Odd)
    shown = look(team, job_id)
    assert (shown.trouble, shown.row.reason) == (TROUBLE.REJECT, "not understood")
    assert "ZeroDivisionError" in caplog.text


def test_nothing_is_requested_without_a_token(team: Team, job_id: UUID, simulator: Simulator) -> None:
    Token.objects.filter(team=team).update(in_use=False)
    assert look(Team.objects.get(pk=team.pk), job_id).trouble == TROUBLE.NO_TOKEN
    assert simulator.requests.count(str(job_id)) == 0


def test_a_token_sealed_with_a_lost_key_is_never_sent(team: Team, job_id: UUID, simulator: Simulator) -> None:
    Token.objects.filter(team=team).update(sealed="1.0.lost")
    assert look(team, job_id).trouble == TROUBLE.TOKEN_UNREADABLE
    assert simulator.requests.count(str(job_id)) == 0


@pytest.mark.parametrize("reason", sorted(TOO_MUCH))
def test_a_job_beyond_our_limits_is_requested_a_few_times_in_half_a_day(reason: str) -> None:
    row, now = Snapshot(), timezone.now()
    end, requests = now + timedelta(hours=12), 0
    while now < end:
        requests += 1
        failure = attempt.failure_of(Unusable(reason), row, now)
        assert failure.next_at is not None
        now, row.failures = failure.next_at, row.failures + 1
    assert requests <= 6


def test_hints_do_not_repeat_the_request_for_a_job_beyond_our_limits(team: Team, waiting: UUID, settings: Any) -> None:
    with MisbehavingServer() as server:
        settings.INVOPOP_API_URL = server.url
        server.fault = "U065 200 GB, stated only"
        row = look(team, waiting).row
        assert (row.trouble, row.reason) == (TROUBLE.REJECT, "too large")
        for _ in range(3):
            snapshots.mark_due(team, waiting, timezone.now())
            snapshots.ask_in_background(team, waiting, timezone.now())
            look(team, waiting)
            settle()
        assert len(server.requests) == 1
        by_hand(team, waiting)  # but a person may
        assert len(server.requests) == 2
