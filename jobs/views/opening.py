"""Rules for all views that open a job: the rate limit before, the audit record after."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from django.db import OperationalError

from jobs import clock
from jobs.http import Request
from jobs.lookup import job_page_query, rate_limit
from jobs.lookup.job_page_query import Stored
from jobs.models import LookUp, Snapshot, Team, locks
from jobs.teams import audit
from jobs.teams.access import asker
from jobs.upstream import snapshots
from jobs.views import after_response

ONE_LOOK = timedelta(hours=1)  # repeated views of a job within this time count as one look-up


def look(request: Request, team: Team, job_id: UUID) -> snapshots.SnapshotView:
    """The job's snapshot. Raises rate_limit.TooMany if this person requests many unknown jobs."""
    known = enforce_lookup_limit(request, team, job_id)
    return snapshots.for_page(team, job_id, clock.now(), known)


def enforce_lookup_limit(request: Request, team: Team, job_id: UUID) -> Snapshot | None:
    """The job's row, or None. A job without one counts against the limit; raises the same error as `look`."""
    known = snapshots.cached(team, job_id, clock.now())
    if known is None:
        rate_limit.spend(asker(request))
    return known.row if known else None


def look_for_page(request: Request, team: Team, job_id: UUID) -> tuple[Stored, snapshots.SnapshotView]:
    """Like `look`, with everything else that the page shows."""
    stored = job_page_query.find(request.user, team, job_id)
    if stored is None:
        rate_limit.spend(asker(request))
    shown = snapshots.for_page(team, job_id, clock.now(), stored.row if stored else None)
    if stored is None or stored.row.fetched_at is None:  # the response just fetched may add to it
        stored = job_page_query.find(request.user, team, job_id) or Stored(shown.row)
    return stored, shown


def record(request: Request, team: Team, job_id: UUID, what: LookUp.What, outcome: str) -> None:
    audit.note_look_up(request, team, job_id, what, outcome, clock.now())


def record_without_waiting(request: Request, team: Team, job_id: UUID, outcome: str) -> None:
    """Records an opened page before it is sent; right after that, if another writer has locked SQLite meanwhile."""
    note = partial(audit.note_look_up, request, team, job_id, LookUp.What.JOB, outcome, clock.now())
    try:
        with locks.without_waiting():
            note()
    except OperationalError as error:
        if not locks.is_locked(error):
            raise
        after_response.run(note)


def record_once(request: Request, team: Team, job_id: UUID, outcome: str) -> None:
    """Records a look-up unless it belongs to one already recorded."""
    if not audit.has_looked(asker(request), team, job_id, clock.now() - ONE_LOOK):
        record(request, team, job_id, LookUp.What.JOB, outcome)
