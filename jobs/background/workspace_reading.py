"""Reads a workspace on request. Its progress is stored, so that the page can be closed and reopened.

Without a worker, the web process continues the reading while somebody has the page open.
"""

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, close_old_connections

from jobs import formatting
from jobs.background import heartbeat, leased_work
from jobs.models import Sweep, Team, Work
from jobs.models.background import Worker, key_of
from jobs.models.prepared_query import loaded, select
from jobs.models.sweeps import HOURS_BACK
from jobs.records import sweep

POLL_MS = 2_000
_thread = ThreadPoolExecutor(1, thread_name_prefix="reading")
_under_way: set[int] = set()
_lock = threading.Lock()


# The columns are those of `failures.incident_query.SQL`, so that a page can query both at once.
SQL = """
    SELECT 'under way' AS what, reading_found AS number, NULL AS key, '' AS text, '' AS name,
    reading_began_at AS at, reading_listed_at AS until
    FROM jobs_sweep WHERE team_id = %(team)s AND reading_began_at IS NOT NULL AND reading_ended_at IS NULL
    UNION ALL
    SELECT 'left', COUNT(*), NULL, '', '', NULL, NULL FROM jobs_jobtoread
    WHERE team_id = %(team)s AND created_at IS NOT NULL
    UNION ALL
    SELECT 'sweep', hours_back, NULL, CASE WHEN is_on THEN 'on' ELSE '' END, '', finished_at, NULL
    FROM jobs_sweep WHERE team_id = %(team)s
    UNION ALL
    SELECT 'worker', 0, NULL, '', '', MAX(heard_at), NULL FROM jobs_worker
"""


class _Fact(NamedTuple):
    number: int
    key: None
    text: str
    name: str
    at: Any
    until: Any


@dataclass(frozen=True, slots=True)
class Reading:
    """The state of a reading, for the page."""

    worker: heartbeat.State
    worker_heard_at: datetime | None
    is_on: bool  # new jobs are read automatically
    has_token: bool
    is_refused: bool  # the API rejects the token, so nothing is read
    hours: int  # how far back it reads
    is_under_way: bool  # a person is waiting for it
    is_counting: bool  # the number of jobs is not known yet
    found: int
    done: int
    finished_at: datetime | None  # when all known jobs had last been read

    @property
    def span(self) -> str:
        return formatting.about(self.hours * 3600)

    @property
    def is_allowed(self) -> bool:
        return settings.SWEEP_A_MINUTE > 0

    @property
    def is_current(self) -> bool:
        """Whether nothing needs to be read on request, because a worker reads new jobs."""
        return self.is_on and self.worker == "heard"

    @property
    def poll_ms(self) -> int:
        """When to poll again; 0 = never."""
        return POLL_MS if self.is_under_way and not self.is_refused else 0


def of(team: Team, now: datetime) -> Reading:
    """One query."""
    return read(team, select(SQL, {"team": team.pk}), now)


def read(team: Team, rows: Iterable[tuple[Any, ...]], now: datetime) -> Reading:
    """From rows of a query that SQL is part of."""
    facts = {what: _Fact(*more) for what, *more in rows if what in {"sweep", "under way", "left", "worker"}}
    swept, under_way = facts.get("sweep"), facts.get("under way")
    heard_at = loaded(Worker, "heard_at", facts["worker"].at)
    return Reading(
        worker=heartbeat.state_of(heard_at, now),
        worker_heard_at=heard_at,
        is_on=(swept is None or bool(swept.text)) and settings.SWEEP_A_MINUTE > 0,
        has_token=team.token is not None,
        is_refused=team.token is not None and team.token.refused_at is not None,
        hours=swept.number if swept else HOURS_BACK,
        is_under_way=under_way is not None,
        is_counting=under_way is not None and under_way.until is None,
        found=under_way.number if under_way else 0,
        done=max(0, under_way.number - facts["left"].number) if under_way else 0,
        finished_at=loaded(Sweep, "finished_at", swept.at) if swept else None,
    )


def begin(team: Team, now: datetime) -> None:
    """Starts a reading as far back as the managers chose. A running one continues."""
    sweep.begin_reading(team, sweep.of(team).hours_back, now)
    Work.objects.bring_forward("sweep", now, team)


def report(team: Team, job_id: UUID, now: datetime) -> bool:
    """Queues a job that a webhook named; returns whether there was room for it."""
    if not sweep.queue_reported(team, job_id, now):
        return False
    Work.objects.filter(key=key_of("sweep", team), due_at__gt=now).update(due_at=now)
    return True


def read_without_worker(team: Team, now: datetime) -> None:
    """Without a live worker, this process reads one slice in the background."""
    if heartbeat.is_heard(now):
        return
    row = Work.objects.filter(Work.takeable(now), kind="sweep", team=team).first()
    with _lock:
        if row is None or row.pk in _under_way:
            return
        _under_way.add(row.pk)
    _thread.submit(_slice, row.pk)


def _slice(pk: int) -> None:
    close_old_connections()
    try:
        leased_work.run(pk)
    except DatabaseError:
        pass  # the lease expires, and the next poll tries again
    finally:
        close_old_connections()
        with _lock:
            _under_way.discard(pk)
