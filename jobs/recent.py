"""A person's last look-ups in a team, newest first, each job once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Max

from jobs.models import LookUp, Snapshot, Team

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Recent:
    job_id: UUID
    at: datetime
    outcome: str  # as last seen by anybody here; "" where nothing is known any more
    document: str


def recent(user: User, team: Team, limit: int = SHOWN) -> list[Recent]:
    looks = LookUp.objects.filter(user=user, team=team, what=LookUp.What.JOB).values("job_id")
    newest = list(looks.annotate(last=Max("at"), seen=Max("outcome")).order_by("-last")[:limit])
    rows = {
        row.job_id: row for row in Snapshot.objects.filter(team=team, job_id__in=[look["job_id"] for look in newest])
    }
    return [_recent(look["job_id"], look["last"], look["seen"], rows.get(look["job_id"])) for look in newest]


def _recent(job_id: UUID, at: datetime, seen: str, row: Snapshot | None) -> Recent:
    return Recent(job_id, at, row.outcome if row else seen, row.document if row else "")
