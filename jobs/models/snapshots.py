"""Stored API responses: snapshots and workflow definitions; the circuit breaker's row; pins."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from jobs.models.teams import FURTHEST, Team, Token

LEASE = timedelta(seconds=8)  # an attempt takes at most 5 s; then another process takes over from a dead one


class Snapshot(models.Model):
    """A job's last API response and the state of its refreshes. One row per team and job.

    A poll reads only these small columns. The body is in SnapshotBody.
    """

    class Trouble(models.TextChoices):
        """Why the last attempt failed; the page has a message for each."""

        STALE = "stale"  # no response
        THROTTLE = "throttle"  # throttled
        REJECT = "reject"  # an invalid response
        AUTH = "auth"  # the API key is refused
        GONE = "gone"  # no such job in this workspace
        NO_TOKEN = "no_token"  # noqa: S105
        TOKEN_UNREADABLE = "token_unreadable"  # noqa: S105

    team = models.ForeignKey(Team, models.CASCADE, related_name="snapshots")
    job_id = models.UUIDField()
    token = models.ForeignKey(Token, models.CASCADE, null=True, related_name="+")

    version = models.CharField(max_length=32, blank=True)  # changes with anything visible
    outcome = models.CharField(max_length=20, blank=True)
    document = models.CharField(max_length=20, blank=True)
    is_document_cancelled = models.BooleanField(default=False, db_default=False)  # where it had been sent
    deliveries = models.TextField(blank=True, default="", db_default="")  # JSON, as in status.json
    entry_id = models.CharField(max_length=100, blank=True, default="", db_default="")  # shared by its runs
    faults = models.PositiveIntegerField(default=0)
    failed_step = models.CharField(max_length=200, blank=True)
    is_finished = models.BooleanField(default=False)
    completed_at = models.CharField(max_length=60, blank=True)  # unchanged text
    updated_at = models.DateTimeField(null=True)  # by the API's clock; an older response comes from a lagging replica
    overdue_at = models.DateTimeField(null=True)  # when waiting becomes "longer than usual"

    fetched_at = models.DateTimeField(null=True)  # when the stored body was fetched
    checked_at = models.DateTimeField(null=True)  # when the API last confirmed it
    changed_at = models.DateTimeField(null=True)  # when the version last changed
    next_at = models.DateTimeField(null=True)  # of the next request; null = not automatically
    asked_at = models.DateTimeField(null=True)  # of the last attempt
    lease = models.UUIDField(null=True)  # of the current attempt
    lease_until = models.DateTimeField(null=True)

    trouble = models.CharField(max_length=20, blank=True, choices=Trouble.choices)
    reason = models.CharField(max_length=100, blank=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)

    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["team", "job_id"], name="one_snapshot_a_team_and_job")]
        indexes: ClassVar = [models.Index(fields=["team", "entry_id"], name="snapshots_of_an_entry")]

    def __str__(self) -> str:
        return f"{self.job_id} ({self.outcome or self.trouble or 'new'})"

    @property
    def place(self) -> str:
        """The name that the body's ciphertext is bound to."""
        return f"body:{self.team_id}:{self.job_id}"

    @staticmethod
    def refreshable(now: datetime) -> Q:
        """A condition for rows that are due and not leased. A time too far ahead was written by another clock."""
        free = Q(lease_until__isnull=True) | Q(lease_until__lte=now) | Q(lease_until__gt=now + 2 * LEASE)
        return free & (Q(next_at__lte=now) | Q(next_at__gt=now + FURTHEST))

    def is_refreshing(self, now: datetime) -> bool:
        return self.lease_until is not None and now < self.lease_until <= now + 2 * LEASE

    def is_due(self, now: datetime) -> bool:
        return self.next_at is not None and not now < self.next_at <= now + FURTHEST


class SnapshotBody(models.Model):
    """The response body, compressed and then encrypted."""

    snapshot = models.OneToOneField(Snapshot, models.CASCADE, primary_key=True, related_name="body")
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"body of {self.snapshot_id}"


class WorkflowCopy(models.Model):
    """A cached workflow definition: names and upcoming steps. Pages work without it."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="workflow_copies")
    workflow_id = models.CharField(max_length=100)
    sealed = models.BinaryField()  # empty: the workspace no longer has this workflow
    fetched_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "workflow_id"], name="one_copy_a_team_and_workflow"),
        ]

    def __str__(self) -> str:
        return self.workflow_id

    @property
    def place(self) -> str:
        return f"workflow:{self.team_id}:{self.workflow_id}"


class Pin(models.Model):
    """A job pinned by a person."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="pins")
    team = models.ForeignKey(Team, models.CASCADE, related_name="pins")
    job_id = models.UUIDField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "team", "job_id"], name="one_pin_a_person_and_job")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.job_id}"


class Origin(models.Model):
    """The state of the circuit breaker for one API origin, shared by all processes."""

    url = models.CharField(max_length=200, unique=True)
    failures = models.PositiveIntegerField(default=0)  # consecutive
    open_until = models.DateTimeField(null=True, db_column="closed_until")  # no requests before this

    def __str__(self) -> str:
        return self.url
