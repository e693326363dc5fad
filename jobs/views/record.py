"""What every view that opens a job owes: the limit on guessing before it asks, the audit record once it has shown."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from jobs import limits, snapshots
from jobs.http import Request, client_address
from jobs.models import LookUp, Team

ONE_LOOK = timedelta(hours=1)  # within it, further pages of a job and a script's questions are the same look


def look(request: Request, team: Team, job_id: UUID) -> snapshots.Shown:
    """Raises limits.TooMany for whoever asks for many jobs that nobody here has seen."""
    count(request, team, job_id)
    return snapshots.look(team, job_id, timezone.now())


def count(request: Request, team: Team, job_id: UUID) -> None:
    if snapshots.known(team, job_id, timezone.now()) is None:
        limits.spend(request.user)


def record(request: Request, team: Team, job_id: UUID, what: LookUp.What, outcome: str) -> None:
    LookUp.objects.create(
        user=request.user,
        team=team,
        job_id=job_id,
        what=what,
        outcome=outcome,
        address=client_address(request),
        at=timezone.now(),
    )


def record_once(request: Request, team: Team, job_id: UUID, outcome: str) -> None:
    """For what belongs to a look that has been written down already, unless it has not."""
    lately = LookUp.objects.filter(user=request.user, team=team, job_id=job_id, at__gt=timezone.now() - ONE_LOOK)
    if not lately.exists():
        record(request, team, job_id, LookUp.What.JOB, outcome)
