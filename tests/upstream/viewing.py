"""Viewing and polling a job, and waiting until no request is running."""

from concurrent.futures import wait
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from jobs.models import Snapshot, Team
from jobs.upstream import refresh, snapshots

TROUBLE = Snapshot.Trouble


def settle() -> None:
    """Waits until no request is running."""
    wait(list(refresh._under_way.values()), timeout=15)


def look(team: Team, job_id: UUID) -> snapshots.SnapshotView:
    return snapshots.for_page(team, job_id, timezone.now())


def make_due(job_id: UUID) -> Snapshot:
    Snapshot.objects.filter(job_id=job_id).update(next_at=timezone.now() - timedelta(seconds=1))
    return Snapshot.objects.get(job_id=job_id)


def poll(job_id: UUID) -> Snapshot:
    """Polls a due row; returns the result."""
    snapshots.from_row(make_due(job_id), timezone.now())
    settle()
    return Snapshot.objects.get(job_id=job_id)


def by_hand(team: Team, job_id: UUID) -> None:
    """Refreshes manually, some time after the last request."""
    Snapshot.objects.filter(job_id=job_id).update(asked_at=timezone.now() - snapshots.MANUAL_PAUSE)
    snapshots.refresh(team, job_id, timezone.now())
    settle()
