"""Writing down who looked at what: the audit record, in one line where it happens."""

from uuid import UUID

from django.utils import timezone

from jobs.http import Request, client_address
from jobs.models import LookUp, Team


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
