"""Cases with notes, which people add to jobs. If the silo entry is known, a case belongs to the document."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jobs.models.teams import Team


class Case(models.Model):
    """The case of a document, shared by all its runs; of a single job if no silo entry is known."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("case", "Open")
        CUSTOMER = "customer", _("Waiting for the customer")
        AUTHORITY = "authority", _("Waiting for the authority")
        INVOPOP = "invopop", _("Waiting for Invopop")
        DONE = "done", pgettext_lazy("case", "Done")

    team = models.ForeignKey(Team, models.CASCADE, related_name="cases")
    entry_id = models.CharField(max_length=100, blank=True, default="")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    held_at = models.DateTimeField(null=True)
    handed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    pinned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    pinned_at = models.DateTimeField(null=True)
    ticket = models.TextField(blank=True, default="", editable=False)  # a URL, encrypted
    ticket_digest = models.CharField(max_length=64, blank=True, default="", editable=False)
    ticket_key = models.UUIDField(default=uuid.uuid4, editable=False)  # the ticket's ciphertext is bound to it
    version = models.PositiveIntegerField(default=0)  # incremented by every visible change
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["team", "entry_id"], condition=~Q(entry_id=""), name="one_case_a_team_and_document"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["team", "holder", "-changed_at"], name="cases_of_a_holder"),
            models.Index(fields=["team", "state", "-changed_at"], name="cases_by_state"),
            models.Index(fields=["team", "ticket_digest"], name="cases_by_ticket"),
            models.Index(fields=["changed_at"], name="cases_by_age"),
        ]

    def __str__(self) -> str:
        return f"case {self.pk} ({self.state})"

    @property
    def ticket_place(self) -> str:
        return f"ticket:{self.team_id}:{self.ticket_key}"


class CaseJob(models.Model):
    """A run that belongs to a case. Kept after the job's copy is gone."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    job_id = models.UUIDField()
    case = models.ForeignKey(Case, models.CASCADE, related_name="jobs")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["team", "job_id"], name="one_case_a_team_and_job")]

    def __str__(self) -> str:
        return str(self.job_id)


class Note(models.Model):
    """A person's encrypted note. Its key identifies it in URLs and does not change when cases are merged."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="notes")
    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    job_id = models.UUIDField()  # the run on whose page it was written
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    sealed = models.TextField(editable=False)
    at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["case", "-at"], name="notes_of_a_case"),
            models.Index(fields=["at"], name="notes_by_age"),
        ]

    def __str__(self) -> str:
        return f"note {self.key}"

    @property
    def place(self) -> str:
        """The name that the ciphertext is bound to."""
        return f"note:{self.team_id}:{self.key}"
