"""Writing down who looked at what: the audit record, in one line where it happens."""

from uuid import UUID

from django.utils import timezone

from jobs.http import Request
from jobs.models import LookUp, Team


def record(request: Request, team: Team, job_id: UUID, what: LookUp.What, outcome: str) -> None:
    LookUp.objects.create(
        user=request.user,
        team=team,
        job_id=job_id,
        what=what,
        outcome=outcome,
        address=request.META.get("REMOTE_ADDR") or None,
        at=timezone.now(),
    )
