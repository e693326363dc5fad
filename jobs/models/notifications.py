"""Notifications: channels, rules, follows of jobs, and the outbox of messages."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jobs import encryption
from jobs.encryption import Secret
from jobs.models.teams import Team

SENDING = timedelta(seconds=60)  # far longer than an attempt; then another process takes over from a dead one


class Channel(models.Model):
    """A notification target of a team. Its URL is a secret that allows posting in our name."""

    class Kind(models.TextChoices):
        CHAT = "chat", _("Chat: Slack, Mattermost, Google Chat, Discord")
        TEAMS = "teams", "Microsoft Teams"
        WEBHOOK = "webhook", _("Signed webhook")
        MAIL = "mail", _("E-mail")

    team = models.ForeignKey(Team, models.CASCADE, related_name="channels")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    sealed = models.TextField(editable=False)  # the URL
    sealed_secret = models.TextField(blank=True, editable=False)  # the signing secret of a webhook
    host = models.CharField(max_length=200, editable=False)  # the only part of the URL that is shown
    language = models.CharField(max_length=10, default="en")
    with_document = models.BooleanField(default=False)  # includes number, customer, amount and messages of steps
    quiet_from = models.PositiveSmallIntegerField(null=True, blank=True)  # an hour in `zone`
    quiet_until = models.PositiveSmallIntegerField(null=True, blank=True)
    zone = models.CharField(max_length=64, default="UTC")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")
    made_at = models.DateTimeField(editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    retry_at = models.DateTimeField(null=True, editable=False)
    reason = models.CharField(max_length=100, blank=True, editable=False)  # of the last failure
    ended_at = models.DateTimeField(null=True, editable=False)  # no longer used since then

    class Meta:
        ordering: ClassVar = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> str:
        """The name that the URL's ciphertext is bound to."""
        return f"channel:{self.team_id}:{self.key}"

    @property
    def secret_place(self) -> str:
        return f"channel-secret:{self.team_id}:{self.key}"

    def address(self) -> Secret:
        """Raises encryption.Unreadable."""
        return encryption.unseal(self.sealed, self.place)

    def secret(self) -> Secret:
        """Raises encryption.Unreadable."""
        return encryption.unseal(self.sealed_secret, self.secret_place)


class Rule(models.Model):
    """Which failures a channel is notified about."""

    class What(models.TextChoices):
        ANY = "any", _("Any failure")
        NEW = "new", _("A cause not seen before")
        CAUSE = "cause", _("This cause")
        WORKFLOW = "workflow", _("This workflow")
        PROVIDER = "provider", _("This provider")

    team = models.ForeignKey(Team, models.CASCADE, related_name="rules")
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="rules")
    what = models.CharField(max_length=10, choices=What.choices)
    value = models.CharField(max_length=200, blank=True)  # the cause's key, the workflow's id or the provider
    label = models.CharField(max_length=200, blank=True)  # the name of the value
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")
    made_at = models.DateTimeField(editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "what", "value"], name="one_rule_a_channel_and_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.label or self.value}".strip()


class Follow(models.Model):
    """A person or channel that is notified about a job until it ends."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="follows")
    job_id = models.UUIDField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="follows")
    channel = models.ForeignKey(Channel, models.CASCADE, null=True, related_name="follows")
    language = models.CharField(max_length=10, default="en")
    known = models.CharField(max_length=40, blank=True)  # the state at the start, which is not news
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["team", "job_id", "user"], condition=Q(user__isnull=False), name="one_follow_a_person"
            ),
            models.UniqueConstraint(
                fields=["team", "job_id", "channel"], condition=Q(channel__isnull=False), name="one_follow_a_channel"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["team", "job_id"], condition=Q(ended_at__isnull=True), name="follows_of_open_jobs"),
        ]

    def __str__(self) -> str:
        return f"{self.user or self.channel}: {self.job_id}"


class Message(models.Model):
    """A message to one receiver, stored in the transaction of its event.

    It is sent at least once, always with the same idempotency key.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="messages")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    about = models.CharField(max_length=200, unique=True)  # unique per event and receiver
    channel = models.ForeignKey(Channel, models.CASCADE, null=True, related_name="messages")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    follow = models.ForeignKey(Follow, models.SET_NULL, null=True, related_name="+")
    job_id = models.UUIDField(null=True)
    event = models.CharField(max_length=20)
    cause = models.CharField(max_length=100, blank=True)  # messages of rules are grouped by it
    sealed = models.TextField(blank=True)  # the content; empty after sending
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # null: sent or given up
    attempts = models.PositiveIntegerField(default=0)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=100, blank=True)  # a fixed phrase of ours

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="messages_due"),
            models.Index(fields=["channel", "cause", "-made_at"], name="messages_of_cause"),
            models.Index(fields=["team", "-made_at"], name="messages_of_team"),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.channel or self.user}"

    @property
    def place(self) -> str:
        return f"message:{self.key}"

    @property
    def public_id(self) -> str:
        return f"msg_{self.key.hex}"

    @staticmethod
    def takeable(now: datetime) -> Q:
        free = Q(lease_until__isnull=True) | Q(lease_until__lte=now) | Q(lease_until__gt=now + 2 * SENDING)
        return free & Q(due_at__lte=now)
