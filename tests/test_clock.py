"""With PostgreSQL, its clock counts for all processes, however wrong the clock of one is."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from dashboard.models import Session
from jobs import clock
from jobs.models import LEASE, Snapshot
from jobs.simulator.server import Simulator
from jobs.upstream import circuit_breaker, refresh, snapshots
from tests.conftest import Stage, give_token

NEAR = timedelta(seconds=5)
SHIFTS = [timedelta(hours=2), timedelta(hours=-2)]


@pytest.fixture
def shift(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[timedelta], None]]:
    """Moves this machine's clock; the time that was measured before counts no more."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no clock of its own: its processes share a machine")

    def move(by: timedelta) -> None:
        monkeypatch.setattr(timezone, "now", lambda: datetime.now(UTC) + by)
        monkeypatch.setattr(clock, "_measured", None)

    yield move
    clock._measured = None


def now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.parametrize("by", SHIFTS)
def test_the_time_is_the_databases(shift: Callable[[timedelta], None], by: timedelta) -> None:
    shift(by)
    assert abs(clock.now() - now()) < NEAR
    assert abs(clock.difference() - by) < NEAR


def test_the_offset_is_queried_every_half_minute(
    shift: Callable[[timedelta], None], django_assert_num_queries: Any
) -> None:
    shift(timedelta(0))
    with django_assert_num_queries(1):
        times = [clock.now() for _ in range(100)]
    assert times == sorted(times)


@pytest.mark.parametrize("by", SHIFTS)
def test_a_skewed_process_stores_the_shared_time(
    shift: Callable[[timedelta], None], by: timedelta, stage: Stage, simulator: Simulator
) -> None:
    give_token(stage.acme, simulator)
    job_id = UUID(simulator.start_job("be-approval"))
    shift(by)
    assert snapshots.for_page(stage.acme, job_id, clock.now()).has_copy
    row = Snapshot.objects.get()
    written = [row.asked_at, row.checked_at, row.fetched_at, row.next_at]
    assert all(at is not None and abs(at - now()) < timedelta(minutes=2) for at in written)


@pytest.mark.parametrize("by", SHIFTS)
def test_a_skewed_process_respects_other_leases(
    shift: Callable[[timedelta], None], by: timedelta, stage: Stage, simulator: Simulator
) -> None:
    give_token(stage.acme, simulator)
    job_id = simulator.start_job("es-accepted")
    row = Snapshot.objects.create(
        team=stage.acme, job_id=job_id, next_at=now(), expires_at=now() + LEASE, lease=job_id, lease_until=now() + LEASE
    )
    shift(by)
    simulator.requests.clear()
    refresh.ask(row.pk)
    assert simulator.requests.count(job_id) == 0


@pytest.mark.parametrize("by", SHIFTS)
def test_a_skewed_process_keeps_the_circuit_breaker_open_as_long(
    shift: Callable[[timedelta], None], by: timedelta
) -> None:
    shift(by)
    for _ in range(circuit_breaker.FAILURES):
        circuit_breaker.failed("https://api.example", clock.now())
    assert not circuit_breaker.may_ask("https://api.example", now())
    assert circuit_breaker.may_ask("https://api.example", now() + circuit_breaker.PAUSE + NEAR)


@pytest.mark.parametrize("by", SHIFTS)
def test_a_skewed_worker_ends_no_session_early_and_keeps_none_late(
    shift: Callable[[timedelta], None], by: timedelta
) -> None:
    """Two hours ahead it signed out whoever had not clicked for six; no probe looks at a worker's clock."""
    hour = timedelta(hours=1)
    for name, until in (("live", now() + hour), ("over", now() - hour)):
        Session.objects.create(session_key=name, expire_date=until)
    shift(by)
    call_command("clearsessions")
    assert {row.session_key for row in Session.objects.all()} == {"live"}
