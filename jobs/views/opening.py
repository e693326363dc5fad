"""What every view that opens a job owes: the limit on guessing before it asks, the audit record once it has shown."""

from datetime import timedelta
from uuid import UUID

from jobs import clock
from jobs.http import Request
from jobs.lookup import rate_limit
from jobs.models import LookUp, Team
from jobs.teams import audit
from jobs.teams.access import asker
from jobs.upstream import snapshots

ONE_LOOK = timedelta(hours=1)  # within it, further pages of a job and a script's questions are the same look


def look(request: Request, team: Team, job_id: UUID) -> snapshots.SnapshotView:
    """Raises limits.TooMany for whoever asks for many jobs that nobody here has seen."""
    enforce_lookup_limit(request, team, job_id)
    return snapshots.for_page(team, job_id, clock.now())


def enforce_lookup_limit(request: Request, team: Team, job_id: UUID) -> None:
    if snapshots.cached(team, job_id, clock.now()) is None:
        rate_limit.spend(asker(request))


def record(request: Request, team: Team, job_id: UUID, what: LookUp.What, outcome: str) -> None:
    audit.note_look_up(request, team, job_id, what, outcome, clock.now())


def record_once(request: Request, team: Team, job_id: UUID, outcome: str) -> None:
    """For what belongs to a look that has been written down already, unless it has not."""
    if not audit.has_looked(asker(request), team, job_id, clock.now() - ONE_LOOK):
        record(request, team, job_id, LookUp.What.JOB, outcome)
