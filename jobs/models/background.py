"""Background work and the worker processes."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q

from jobs.models.teams import Team

QUEUED_FOR = timedelta(minutes=1)  # after this time the queue is assumed to have lost the work
SILENT_AFTER = timedelta(seconds=60)  # workers send a heartbeat every few seconds


class WorkManager(models.Manager["Work"]):
    def bring_forward(self, kind: str, now: datetime, team: Team | None = None) -> None:
        """Makes the work due at `now` if it is not due before, creating its row if needed."""
        late = Q(due_at__isnull=True) | Q(due_at__gt=now)
        if not self.filter(late, key=key_of(kind, team)).update(due_at=now):
            self.get_or_create(key=key_of(kind, team), defaults={"kind": kind, "team": team, "due_at": now})


class Work(models.Model):
    """Recurring work. The queue contains only the id of this row."""

    key = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=40)
    team = models.ForeignKey(Team, models.CASCADE, null=True, related_name="work")
    due_at = models.DateTimeField(null=True, db_index=True)  # null = not automatically
    queued_until = models.DateTimeField(null=True)  # it is in the queue until then
    lease = models.UUIDField(null=True)  # of the current worker
    lease_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)  # consecutive
    done_at = models.DateTimeField(null=True)

    objects: ClassVar[WorkManager] = WorkManager()

    def __str__(self) -> str:
        return self.key

    @staticmethod
    def takeable(now: datetime) -> Q:
        """A condition for rows that are due and not leased. A lease is never longer than an hour."""
        free = Q(lease_until__isnull=True) | Q(lease_until__lte=now) | Q(lease_until__gt=now + timedelta(hours=1))
        return free & Q(due_at__lte=now)


def key_of(kind: str, team: Team | None = None) -> str:
    return f"{kind}:{team.pk}" if team else kind


class Worker(models.Model):
    """A process of `manage.py worker`, and its last heartbeat."""

    name = models.CharField(max_length=64, unique=True)
    started_at = models.DateTimeField()
    heard_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.name
