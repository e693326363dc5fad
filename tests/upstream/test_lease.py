"""Only one of all threads, processes and machines refreshes a row."""

import uuid
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from jobs.models import LEASE, Snapshot, Team, Token
from jobs.simulator.server import Simulator
from jobs.upstream import circuit_breaker, snapshots
from tests.upstream.viewing import look, poll, settle

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_lease_of_another_process_is_respected(team: Team, waiting: UUID, simulator: Simulator) -> None:
    look(team, waiting)
    Snapshot.objects.update(lease=uuid.uuid4(), lease_until=timezone.now() + timedelta(seconds=8))
    poll(waiting)
    assert simulator.requests.count(str(waiting)) == 1


def test_a_dead_holder_is_replaced(team: Team, waiting: UUID, simulator: Simulator) -> None:
    look(team, waiting)
    Snapshot.objects.update(lease=uuid.uuid4(), lease_until=timezone.now() - timedelta(seconds=1))
    poll(waiting)
    assert simulator.requests.count(str(waiting)) == 2
    assert timedelta(seconds=10) >= LEASE


def test_a_clock_set_back_blocks_nothing(team: Team, waiting: UUID, simulator: Simulator) -> None:
    """Everything in the rows was written by the clock as it was an hour ahead."""
    look(team, waiting)
    ahead = timezone.now() + timedelta(hours=1)
    Snapshot.objects.update(
        next_at=ahead, lease=uuid.uuid4(), lease_until=ahead, asked_at=ahead, checked_at=ahead, fetched_at=ahead
    )
    Token.objects.update(throttled_until=ahead)
    for _ in range(circuit_breaker.FAILURES):
        circuit_breaker.failed(simulator.url, ahead)
    row = Snapshot.objects.get(job_id=waiting)
    snapshots.from_row(row, timezone.now())
    settle()
    assert simulator.requests.count(str(waiting)) == 2
    row.refresh_from_db()
    assert (row.trouble, row.lease) == ("", None)
