"""Duties of every view that opens a job: the rate limit before, the audit record after."""

from datetime import timedelta
from uuid import UUID

from jobs import clock
from jobs.http import Request
from jobs.lookup import glance as glances
from jobs.lookup import rate_limit
from jobs.lookup.glance import Glance
from jobs.models import LookUp, Snapshot, Team
from jobs.teams import audit
from jobs.teams.access import asker
from jobs.upstream import snapshots

ONE_LOOK = timedelta(hours=1)  # within it, further pages of a job and a script's questions are the same look


def look(request: Request, team: Team, job_id: UUID) -> snapshots.SnapshotView:
    """Raises rate_limit.TooMany for somebody requesting many unknown jobs."""
    known = enforce_lookup_limit(request, team, job_id)
    return snapshots.for_page(team, job_id, clock.now(), known)


def enforce_lookup_limit(request: Request, team: Team, job_id: UUID) -> Snapshot | None:
    """The known row. Raises as `look` does."""
    known = snapshots.cached(team, job_id, clock.now())
    if known is None:
        rate_limit.spend(asker(request))
    return known.row if known else None


def glance_at(request: Request, team: Team, job_id: UUID) -> tuple[Glance, snapshots.SnapshotView]:
    """Like `look`, with what the page shows beside the job."""
    glance = glances.at(request.user, team, job_id)
    if glance is None:
        rate_limit.spend(asker(request))
    shown = snapshots.for_page(team, job_id, clock.now(), glance.row if glance else None)
    if glance is None or glance.row.fetched_at is None:  # a first answer brings more than the row
        glance = glances.at(request.user, team, job_id) or Glance(shown.row)
    return glance, shown


def record(request: Request, team: Team, job_id: UUID, what: LookUp.What, outcome: str) -> None:
    audit.note_look_up(request, team, job_id, what, outcome, clock.now())


def record_once(request: Request, team: Team, job_id: UUID, outcome: str) -> None:
    """For parts of a view already recorded."""
    if not audit.has_looked(asker(request), team, job_id, clock.now() - ONE_LOOK):
        record(request, team, job_id, LookUp.What.JOB, outcome)
