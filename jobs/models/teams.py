"""Teams, their members and invitations, their API key and webhook secret."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from jobs import encryption
from jobs.encryption import Secret

FURTHEST = timedelta(minutes=15)  # the longest pause; a later time means that our clock has been set back


class Team(models.Model):
    """A group of people who share an Invopop workspace, with one active API key."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)
    requires_second_factor = models.BooleanField(_("Members need a second factor"), default=False, db_default=False)
    kept_hours = models.PositiveSmallIntegerField(
        _("How long copies of finished jobs are kept"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(720)],
    )
    members: "models.ManyToManyField[models.Model, Membership]" = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Membership", related_name="teams"
    )

    membership: "Membership | None" = None  # of the current person, if any

    class Meta:
        ordering: ClassVar = ["name", "slug"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("jobs:team", args=[self.slug])

    def clean(self) -> None:
        """Refuses a new address that differs from a team's only in capitals."""
        if self._state.adding and (like := Team.objects.filter(slug__iexact=self.slug).exclude(slug=self.slug).first()):
            raise ValidationError({"slug": _("There is a team “%(slug)s” already.") % {"slug": like.slug}})

    def lock(self) -> None:
        """Locks the team until the end of the transaction, without blocking inserts of rows that belong to it.

        Changes of members and API keys take it, and code that counts rows before it adds one.
        """
        Team.objects.select_for_update(no_key=True).get(pk=self.pk)

    @property
    def kept_for(self) -> timedelta:
        """How long a copy is kept after its last view."""
        return timedelta(hours=self.kept_hours) if self.kept_hours else settings.SNAPSHOT_KEPT

    @cached_property
    def token(self) -> "Token | None":
        """The active API key, without its ciphertext."""
        return Token.objects.filter(team=self, in_use=True).first()

    @property
    def is_managed(self) -> bool:
        """Whether the current person manages it. Viewers see no links to settings."""
        return self.membership is not None and self.membership.role == Membership.Role.MANAGER

    @property
    def workspace_name(self) -> str:
        return self.token.workspace_name if self.token else ""

    @property
    def is_sandbox(self) -> bool | None:
        return self.token.sandbox if self.token else None


class Membership(models.Model):
    class Role(models.TextChoices):
        VIEWER = "viewer", _("Viewer")
        MANAGER = "manager", _("Manager")

    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.VIEWER)
    created_at = models.DateTimeField(auto_now_add=True)
    hears_of_channels = models.BooleanField(default=True, db_default=True)  # of stopped channels, if a manager

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "user"], name="one_membership_a_person_and_team"),
            models.CheckConstraint(condition=Q(role__in=["viewer", "manager"]), name="role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class TokenManager(models.Manager["Token"]):
    def get_queryset(self) -> "models.QuerySet[Token]":
        return super().get_queryset().defer("sealed")  # the ciphertext is read only for decryption

    @transaction.atomic
    def replace(self, team: Team, secret: Secret, *, by: User | None = None, **about: Any) -> "Token":
        """Activates a new key, and deletes what the old one fetched, which may be of another workspace."""
        team.lock()
        self._forget_another_workspace(team, str(about.get("workspace_id", "")))
        self.retire(team)
        token = Token(team=team, set_by=by, fingerprint=secret.fingerprint(), **about)
        token.sealed = encryption.seal(secret, token.place)
        token.save()
        return token

    def _forget_another_workspace(self, team: Team, workspace_id: str) -> None:
        """Deletes the records if the new key is known to be for another workspace."""
        from jobs.models.sweeps import Sweep  # noqa: PLC0415 (it refers to teams)

        before = self.filter(team=team).exclude(workspace_id="").order_by("-pk").first()
        if before is not None and workspace_id and before.workspace_id != workspace_id:
            for known in (team.records, team.jobs_to_read):
                known.all().delete()
            Sweep.objects.filter(team=team).update(
                read_up_to=None, list_at=None, cursor="", reading_began_at=None, finished_at=None
            )

    @transaction.atomic
    def retire(self, team: Team) -> None:
        """Deactivates the current key and deletes what it fetched."""
        self.filter(team=team, in_use=True).update(in_use=False, sealed="")
        team.snapshots.all().delete()
        team.workflow_copies.all().delete()
        team.__dict__.pop("token", None)


class Token(models.Model):
    """A team's Invopop API key, encrypted. Only `reveal()`, for the API client, decrypts it."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="tokens")
    sealed = models.TextField(editable=False)
    in_use = models.BooleanField(default=True, editable=False)
    fingerprint = models.CharField(max_length=12, editable=False)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")
    set_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True, editable=False)
    refused_at = models.DateTimeField(
        null=True, editable=False
    )  # refused by the API; no requests until somebody retries
    throttled_until = models.DateTimeField(null=True, editable=False)  # throttled by the API
    workspace_id = models.CharField(max_length=100, blank=True, editable=False)
    workspace_name = models.CharField(max_length=200, blank=True, editable=False)
    workspace_slug = models.CharField(max_length=100, blank=True, editable=False)
    country = models.CharField(max_length=10, blank=True, editable=False)
    sandbox = models.BooleanField(null=True, editable=False)
    scope = models.CharField(max_length=100, blank=True, editable=False)
    expires_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[TokenManager] = TokenManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team"], condition=Q(in_use=True), name="one_token_in_use_a_team"),
        ]

    def __str__(self) -> str:
        return f"token {self.fingerprint}"

    @property
    def place(self) -> str:
        """The name that the ciphertext is bound to, so that it cannot be decrypted in another team's row."""
        return f"token:{self.team_id}"

    def reveal(self) -> str:
        """The decrypted API key. Raises encryption.Unreadable if no current key decrypts it."""
        return encryption.unseal(self.sealed, self.place).reveal()

    @property
    def is_readable(self) -> bool:
        """Whether a current key decrypts it."""
        try:
            self.reveal()
        except encryption.Unreadable:
            return False
        return True

    def is_throttled(self, now: datetime) -> bool:
        return self.throttled_until is not None and now < self.throttled_until <= now + FURTHEST


class WebhookSecret(models.Model):
    """The secret a team's workflows send with webhooks. Stored as a digest; teams/webhook_secrets.py explains why."""

    team = models.OneToOneField(Team, models.CASCADE, related_name="webhook_secret")
    digest = models.CharField(max_length=64, editable=False)
    previous_digest = models.CharField(max_length=64, blank=True, editable=False)
    previous_until = models.DateTimeField(null=True, editable=False)  # the previous secret works until then
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")
    set_at = models.DateTimeField(editable=False)
    heard_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return f"webhook secret of {self.team}"


class Invitation(models.Model):
    """A link that makes a person a member. Stored as a digest."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Membership.Role.choices, default=Membership.Role.VIEWER)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.email} to {self.team}"
