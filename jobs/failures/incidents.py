"""Detects incidents of providers.

If many jobs of a provider have connection errors or wait too long within a short time, the provider is more likely to
be the reason than the documents. Computed from observed jobs. No database here; the clock is an argument.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

MANY = 5  # jobs
WITHIN = timedelta(minutes=30)  # this many jobs within this time are an incident
QUIET = timedelta(minutes=45)  # it ends after this time without another job and without an open one
FAILS, WAITS = "fails", "waits"


@dataclass(frozen=True, slots=True)
class Sign:
    """An affected job: since when, and when it continued or ended; None if it has not."""

    job_id: UUID
    provider: str
    kind: str  # FAILS: connection errors; WAITS: longer than usual
    at: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Incident:
    provider: str
    kind: str
    begin: datetime
    end: datetime | None  # None: ongoing, as far as we know
    jobs: tuple[UUID, ...]
    waiting: int  # jobs that have not ended

    @property
    def count(self) -> int:
        return len(self.jobs)


def incidents(signs: Iterable[Sign], now: datetime) -> tuple[Incident, ...]:
    """The incidents: ongoing ones first, then the newest."""
    groups: dict[tuple[str, str], list[Sign]] = defaultdict(list)
    for sign in signs:
        groups[sign.provider, sign.kind].append(sign)
    found = [
        _incident(run, now)
        for group in groups.values()
        for run in _runs(sorted(group, key=lambda sign: sign.at))
        if _is_dense(run)
    ]
    return tuple(sorted(found, key=lambda each: (each.end is not None, -each.begin.timestamp())))


def _runs(signs: Sequence[Sign]) -> Iterator[list[Sign]]:
    """Splits the signs at quiet periods."""
    run: list[Sign] = []
    for sign in signs:
        if run and sign.at - run[-1].at > QUIET:
            yield run
            run = []
        run.append(sign)
    if run:
        yield run


def _is_dense(run: Sequence[Sign]) -> bool:
    """Whether many different jobs were affected within a short time; a job can wait twice."""
    jobs: dict[UUID, datetime] = {}  # since when; the latest last
    for sign in run:
        jobs.pop(sign.job_id, None)
        jobs[sign.job_id] = sign.at
        if len(jobs) > MANY:
            del jobs[next(iter(jobs))]
        if len(jobs) == MANY and sign.at - next(iter(jobs.values())) <= WITHIN:
            return True
    return False


def _incident(run: Sequence[Sign], now: datetime) -> Incident:
    waiting = sum(sign.until is None for sign in run)
    last = max(sign.until or sign.at for sign in run)
    is_over = not waiting and now - run[-1].at > QUIET
    jobs = tuple(dict.fromkeys(sign.job_id for sign in run))
    return Incident(run[0].provider, run[0].kind, run[0].at, last if is_over else None, jobs, waiting)
