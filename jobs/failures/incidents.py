"""Is it them or us? When many jobs of one provider meet the same trouble with its connection within a short time, or
wait longer than they should, the provider is likelier to be the reason than the documents. Computed from what was
seen, and worded as that. No database here; the clock is an argument."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

MANY = 5  # jobs
WITHIN = timedelta(minutes=30)  # of each other: so many jobs in so short a time begin an incident
QUIET = timedelta(minutes=45)  # without another job, and none open: it is over
FAILS, WAITS = "fails", "waits"


@dataclass(frozen=True, slots=True)
class Sign:
    """One job that met it: since when, and when it went on or ended. None = it has not yet."""

    job_id: UUID
    provider: str
    kind: str  # FAILS: did not get through; WAITS: past the usual time
    at: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Incident:
    provider: str
    kind: str
    begin: datetime
    end: datetime | None  # None: as far as we see it goes on
    jobs: tuple[UUID, ...]
    waiting: int  # how many of them have not ended

    @property
    def count(self) -> int:
        return len(self.jobs)


def incidents(signs: Iterable[Sign], now: datetime) -> tuple[Incident, ...]:
    """Those that go on first, then the newest."""
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
    """Splits at quiet periods."""
    run: list[Sign] = []
    for sign in signs:
        if run and sign.at - run[-1].at > QUIET:
            yield run
            run = []
        run.append(sign)
    if run:
        yield run


def _is_dense(run: Sequence[Sign]) -> bool:
    return any(run[place + MANY - 1].at - run[place].at <= WITHIN for place in range(len(run) - MANY + 1))


def _incident(run: Sequence[Sign], now: datetime) -> Incident:
    waiting = sum(sign.until is None for sign in run)
    last = max(sign.until or sign.at for sign in run)
    is_over = not waiting and now - run[-1].at > QUIET
    jobs = tuple(dict.fromkeys(sign.job_id for sign in run))
    return Incident(run[0].provider, run[0].kind, run[0].at, last if is_over else None, jobs, waiting)
