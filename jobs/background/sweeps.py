"""Sweeps as background work: one per team, a slice at a time."""

from datetime import datetime, timedelta

from jobs.background.stopping import stopping
from jobs.models import Team, Work
from jobs.records import sweep

LEASE = timedelta(seconds=30)  # longer than a slice of eight seconds and one attempt


def run(work: Work) -> datetime:
    assert work.team is not None  # noqa: S101 (every row of this kind has one)
    return sweep.run(work.team, stopping.is_set)


def teams() -> list[Team | None]:
    return list(Team.objects.filter(tokens__in_use=True))
