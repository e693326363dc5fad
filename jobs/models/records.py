"""Job data kept after the copy expires: small columns and the encrypted identity."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from jobs.models.teams import Team


class JobRecord(models.Model):
    """One row per team and job, written with each stored copy. A job with a cause failed."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="records")
    job_id = models.UUIDField()
    entry_id = models.CharField(max_length=100, blank=True)  # shared by all runs of a document
    workflow_id = models.CharField(max_length=100, blank=True)
    workflow_name = models.CharField(max_length=200, blank=True)
    provider = models.CharField(max_length=200, blank=True)  # of the failed, waiting or last step

    outcome = models.CharField(max_length=20, blank=True)  # diagnosis.outcome.Outcome
    document = models.CharField(max_length=20, blank=True)  # diagnosis.outcome.Document
    is_document_cancelled = models.BooleanField(default=False, db_default=False)  # where it had been sent
    failed_step = models.CharField(max_length=200, blank=True)
    failed_provider = models.CharField(max_length=200, blank=True)
    failed_code = models.CharField(max_length=200, blank=True)
    cause = models.CharField(max_length=100, blank=True)  # failures are grouped by it; "" = not failed
    explanation = models.CharField(max_length=100, blank=True)  # its id
    message = models.CharField(max_length=300, blank=True)  # masked
    move = models.CharField(max_length=20, blank=True)  # diagnosis.advice.Move
    owner = models.CharField(max_length=20, blank=True)  # diagnosis.explanations.Owner
    rerun = models.CharField(max_length=20, blank=True)  # diagnosis.advice.Again

    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # null = open
    first_failed_at = models.DateTimeField(null=True)
    overdue_at = models.DateTimeField(null=True)  # for an open job: when waiting becomes "longer than usual"
    # The last wait that took longer than usual, once it has ended; its end as far as the API states it.
    waited_for = models.CharField(max_length=200, blank=True, db_default="")
    waited_from = models.DateTimeField(null=True)
    waited_until = models.DateTimeField(null=True)
    tags = models.JSONField(default=list)

    intents = models.TextField(blank=True, default="", db_default="")  # ids of its steps, for search
    identity = models.TextField(blank=True, editable=False)  # encrypted; "" = the document has none
    number_digest = models.CharField(max_length=64, blank=True, editable=False)
    customer_digest = models.CharField(max_length=64, blank=True, editable=False)
    tax_id_digest = models.CharField(max_length=64, blank=True, editable=False)
    tax_code_digest = models.CharField(max_length=64, blank=True, editable=False)  # without the country prefix

    mended_by = models.UUIDField(null=True)  # the later run of the same document that succeeded
    mended_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "job_id"], name="one_record_a_team_and_job"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["team", "first_failed_at"], condition=~Q(cause=""), name="record_by_failure"),
            models.Index(fields=["team", "cause", "first_failed_at"], condition=~Q(cause=""), name="record_by_cause"),
            models.Index(fields=["team", "waited_from"], condition=Q(waited_from__isnull=False), name="record_by_wait"),
            models.Index(fields=["team", "ended_at"], name="record_by_end"),
            models.Index(fields=["team", "created_at"], name="record_by_start"),
            models.Index(fields=["team", "entry_id"], condition=~Q(entry_id=""), name="record_by_entry"),
            models.Index(fields=["team", "number_digest"], name="record_by_number"),
            models.Index(fields=["team", "customer_digest"], name="record_by_customer"),
            models.Index(fields=["team", "tax_id_digest"], name="record_by_tax_id"),
            models.Index(fields=["team", "tax_code_digest"], name="record_by_tax_code"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id} ({self.outcome or 'new'})"

    @property
    def is_finished(self) -> bool:
        return self.ended_at is not None

    @property
    def place(self) -> str:
        """The name that the identity's ciphertext is bound to."""
        return f"record:{self.team_id}:{self.job_id}"
