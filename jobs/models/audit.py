"""The audit record: who viewed what, and who changed what."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jobs.models.access_tokens import AccessToken
from jobs.models.teams import Team


class LookUp(models.Model):
    """Audit: a person opened a job or downloaded something from it."""

    class What(models.TextChoices):
        JOB = "job", _("opened the job")
        BODY = "body", _("downloaded the job's JSON")
        ENVELOPE = "envelope", _("downloaded the envelope")
        FILE = "file", _("downloaded a file")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="look_ups")
    team = models.ForeignKey(Team, models.CASCADE, related_name="look_ups")
    job_id = models.UUIDField()
    what = models.CharField(max_length=10, choices=What.choices, default=What.JOB)
    outcome = models.CharField(max_length=20, blank=True)
    # a script instead of a person
    access_token = models.ForeignKey(AccessToken, models.SET_NULL, null=True, related_name="+")
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField()
    minute = models.DateTimeField(null=True, editable=False)  # repeated actions within a minute are counted in one row
    times = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["team", "user", "-at"]),
            models.Index(fields=["at"]),
            models.Index(fields=["team", "-at", "-id"], name="look_up_of_team"),
            models.Index(fields=["user", "team", "what", "-at"], name="look_up_of_person"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "team", "job_id", "minute", "what", "address"],
                condition=Q(minute__isnull=False),
                name="one_look_up_a_minute",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_what_display()} {self.job_id}"


class Change(models.Model):
    """Audit: a person changed a setting of a team. It never contains a secret."""

    class What(models.TextChoices):
        TOKEN_SET = "token_set", _("started using an API key")
        TOKEN_NOT_SET = "token_not_set", _("tried an API key that was not accepted")
        TOKEN_REVOKED = "token_revoked", _("stopped using the API key")
        MEMBER_SET = "member_set", _("added a person or changed a role")
        MEMBER_REMOVED = "member_removed", _("removed a person")
        INVITED = "invited", _("invited")
        INVITATION_WITHDRAWN = "withdrawn", _("withdrew an invitation")
        INVITATION_ACCEPTED = "accepted", _("accepted an invitation")
        PROTECTION_SET = "protection_set", _("changed the protection")
        ACCESS_TOKEN_MADE = "access_token_made", _("created an access token")
        ACCESS_TOKEN_REVOKED = "access_token_revoked", _("revoked an access token")
        SWEEP_SET = "sweep_set", _("changed what is read in the background")
        CHANNEL_MADE = "channel_made", _("added a channel")
        CHANNEL_CHANGED = "channel_changed", _("changed a channel")
        CHANNEL_REMOVED = "channel_removed", _("removed a channel")
        UNSUBSCRIBED = "unsubscribed", _("ended messages with the link in a mail")
        RULE_MADE = "rule_made", _("added a notification rule")
        RULE_REMOVED = "rule_removed", _("removed a notification rule")
        WEBHOOK_SET = "webhook_set", _("created a webhook secret")
        WEBHOOK_REMOVED = "webhook_removed", _("removed the webhook secret")
        NOTE_WRITTEN = "note_written", _("wrote a note")
        NOTE_EDITED = "note_edited", _("edited a note")
        NOTE_DELETED = "note_deleted", _("deleted a note")
        CASE_TAKEN = "case_taken", _("took a case")
        CASE_RELEASED = "case_released", _("released a case")
        CASE_HANDED = "case_handed", _("handed a case over")
        CASE_STATE = "case_state", _("changed the state of a case")
        TICKET_SET = "ticket_set", _("linked a ticket")
        TICKET_REMOVED = "ticket_removed", _("removed a ticket link")
        TEAM_PINNED = "team_pinned", _("pinned a job for the team")
        TEAM_UNPINNED = "team_unpinned", _("unpinned a job of the team")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    team = models.ForeignKey(Team, models.CASCADE, related_name="changes")
    what = models.CharField(max_length=20, choices=What.choices)
    about = models.CharField(max_length=200, blank=True)  # a fingerprint, a person, a role
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField()
    minute = models.DateTimeField(null=True, editable=False)  # as in LookUp
    times = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["team", "-at"]),
            models.Index(fields=["team", "-at", "-id"], name="change_of_team"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "team", "what", "minute", "about", "address"],
                condition=Q(minute__isnull=False),
                name="one_change_a_minute",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_what_display()} {self.about}"
