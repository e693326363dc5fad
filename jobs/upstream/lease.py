"""Single flight for refreshes: one thread of all processes and machines holds the lease of a row.

It is taken by a conditional UPDATE and expires by itself if its holder dies.
"""

import uuid
from datetime import datetime

from django.db.models import QuerySet

from jobs.models import LEASE, Snapshot, Token


def take(pk: int, now: datetime) -> Snapshot | None:
    """The row with a new lease; None if it is not due or leased elsewhere."""
    lease = uuid.uuid4()
    due = Snapshot.objects.filter(Snapshot.refreshable(now), pk=pk)
    if not due.update(lease=lease, lease_until=now + LEASE, asked_at=now):
        return None
    return Snapshot.objects.filter(pk=pk, lease=lease).first()


def if_held(row: Snapshot, token: Token | None) -> QuerySet[Snapshot]:
    """The row to update; an empty query if the lease was taken over or the API key was replaced."""
    ours = Snapshot.objects.filter(pk=row.pk, lease=row.lease)
    return ours.filter(team__tokens__id=token.pk, team__tokens__in_use=True) if token is not None else ours
