"""Teams, people's places in them, tokens, look-ups, and the snapshots of jobs. Knows nothing of the API."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import User
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jobs import encryption
from jobs.encryption import Secret

LEASE = timedelta(seconds=8)  # one attempt lasts 5 s at most; a holder that died is replaced after this
FURTHEST = timedelta(minutes=15)  # nobody puts a next look off for longer: then our clock has been set back since


class Team(models.Model):
    """A group of people; stands for one Invopop workspace and has one token in use."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)
    requires_second_factor = models.BooleanField(_("Members need a second factor"), default=False, db_default=False)
    kept_hours = models.PositiveSmallIntegerField(
        _("Copies of finished jobs are kept"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(720)],
    )
    members: "models.ManyToManyField[models.Model, Membership]" = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Membership", related_name="teams"
    )

    class Meta:
        ordering: ClassVar = ["name", "slug"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("jobs:team", args=[self.slug])

    def one_at_a_time(self) -> None:
        """Within a transaction: whoever changes the same team's members or token meanwhile waits for its end."""
        Team.objects.select_for_update().get(pk=self.pk)

    @property
    def kept_for(self) -> timedelta:
        """How long a copy stays after the last look."""
        return timedelta(hours=self.kept_hours) if self.kept_hours else settings.SNAPSHOT_KEPT

    @property
    def token(self) -> "Token | None":
        """The token in use, without its secret; asked for once an instance."""
        if not hasattr(self, "_token"):
            self._token = Token.objects.filter(team=self, in_use=True).first()
        return self._token

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

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "user"], name="one_membership_a_person_and_team"),
            models.CheckConstraint(condition=Q(role__in=["viewer", "manager"]), name="role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class TokenManager(models.Manager["Token"]):
    def get_queryset(self) -> "models.QuerySet[Token]":
        return super().get_queryset().defer("sealed")  # the ciphertext is read only where it is opened

    @transaction.atomic
    def replace(self, team: Team, secret: Secret, *, by: User | None = None, **about: Any) -> "Token":
        """Puts a new token in use. What the old one fetched goes: it may be of another workspace."""
        team.one_at_a_time()
        self.retire(team)
        token = Token(team=team, set_by=by, fingerprint=secret.fingerprint(), **about)
        token.sealed = encryption.seal(secret, token.place)
        token.save()
        return token

    @transaction.atomic
    def retire(self, team: Team) -> None:
        """Takes the token in use out of it, and forgets what was fetched with it."""
        self.filter(team=team, in_use=True).update(in_use=False, sealed="")
        Snapshot.objects.filter(team=team).delete()
        WorkflowCopy.objects.filter(team=team).delete()
        team.__dict__.pop("_token", None)


class Token(models.Model):
    """A team's Invopop API key, encrypted. `reveal()` is the only way out, for the client alone."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="tokens")
    sealed = models.TextField(editable=False)
    in_use = models.BooleanField(default=True, editable=False)
    fingerprint = models.CharField(max_length=12, editable=False)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")
    set_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True, editable=False)
    refused_at = models.DateTimeField(
        null=True, editable=False
    )  # the API did not accept it; nothing is asked until somebody says so
    throttled_until = models.DateTimeField(null=True, editable=False)  # the API asked for quiet until then
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
        """What the ciphertext is bound to: moved to another team's row it does not open."""
        return f"token:{self.team_id}"

    def reveal(self) -> str:
        """Raises encryption.Unreadable when no present key opens it."""
        return encryption.unseal(self.sealed, self.place).reveal()

    def is_throttled(self, now: datetime) -> bool:
        return self.throttled_until is not None and now < self.throttled_until <= now + FURTHEST


class WebhookSecret(models.Model):
    """What a team's workflows show when they report a job. Kept as a digest: webhooks.py says why that is enough."""

    team = models.OneToOneField(Team, models.CASCADE, related_name="webhook_secret")
    digest = models.CharField(max_length=64, editable=False)
    previous_digest = models.CharField(max_length=64, blank=True, editable=False)
    previous_until = models.DateTimeField(null=True, editable=False)  # until then the one before works too
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")
    set_at = models.DateTimeField(editable=False)
    heard_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return f"webhook secret of {self.team}"


class LookUp(models.Model):
    """The audit record: one person opening one job, or taking something from it."""

    class What(models.TextChoices):
        JOB = "job", _("opened the job")
        BODY = "body", _("took the job's JSON")
        ENVELOPE = "envelope", _("took the envelope")
        FILE = "file", _("took a file")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="look_ups")
    team = models.ForeignKey(Team, models.CASCADE, related_name="look_ups")
    job_id = models.UUIDField()
    what = models.CharField(max_length=10, choices=What.choices, default=What.JOB)
    outcome = models.CharField(max_length=20, blank=True)
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["team", "user", "-at"]),
            models.Index(fields=["at"]),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_what_display()} {self.job_id}"


class Change(models.Model):
    """The audit record of a team's settings: who changed what. Never a secret."""

    class What(models.TextChoices):
        TOKEN_SET = "token_set", _("put an API key in use")
        TOKEN_NOT_SET = "token_not_set", _("tried an API key that was not accepted")
        TOKEN_REVOKED = "token_revoked", _("stopped using the API key")
        MEMBER_SET = "member_set", _("added a person or changed a role")
        MEMBER_REMOVED = "member_removed", _("removed a person")
        INVITED = "invited", _("invited")
        INVITATION_WITHDRAWN = "withdrawn", _("withdrew an invitation")
        INVITATION_ACCEPTED = "accepted", _("accepted an invitation")
        PROTECTION_SET = "protection_set", _("changed the protection")
        WEBHOOK_SET = "webhook_set", _("made a webhook secret")
        WEBHOOK_REMOVED = "webhook_removed", _("removed the webhook secret")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    team = models.ForeignKey(Team, models.CASCADE, related_name="changes")
    what = models.CharField(max_length=20, choices=What.choices)
    about = models.CharField(max_length=200, blank=True)  # a fingerprint, a person, a role
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["team", "-at"])]

    def __str__(self) -> str:
        return f"{self.user} {self.get_what_display()} {self.about}"


class Invitation(models.Model):
    """A link that makes one person a member. Only its digest is kept, as of a webhook's secret."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Membership.Role.choices, default=Membership.Role.VIEWER)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.email} to {self.team}"


class Snapshot(models.Model):
    """What the API said of a job at one moment, and how asking has gone since. One row a team and job.

    These are the small columns: a poll reads them and nothing else. The body lies apart, in SnapshotBody.
    """

    class Trouble(models.TextChoices):
        """Why the last attempt brought nothing; the classes of what the page then says."""

        STALE = "stale"  # no answer
        THROTTLE = "throttle"  # asked to slow down
        REJECT = "reject"  # an unusable answer
        AUTH = "auth"  # the token is refused
        GONE = "gone"  # no such job in this workspace
        NO_TOKEN = "no_token"  # noqa: S105
        TOKEN_UNREADABLE = "token_unreadable"  # noqa: S105

    team = models.ForeignKey(Team, models.CASCADE, related_name="snapshots")
    job_id = models.UUIDField()
    token = models.ForeignKey(Token, models.CASCADE, null=True, related_name="+")

    version = models.CharField(max_length=32, blank=True)  # changes when anything a person can see changes
    outcome = models.CharField(max_length=20, blank=True)
    document = models.CharField(max_length=20, blank=True)
    faults = models.PositiveIntegerField(default=0)
    failed_step = models.CharField(max_length=200, blank=True)
    is_finished = models.BooleanField(default=False)
    completed_at = models.CharField(max_length=60, blank=True)  # as it came
    updated_at = models.DateTimeField(null=True)  # by the API's clock: an answer older than this is a lagging replica
    overdue_at = models.DateTimeField(null=True)  # when waiting becomes "longer than usual"

    fetched_at = models.DateTimeField(null=True)  # when the body shown arrived
    checked_at = models.DateTimeField(null=True)  # when the API last confirmed it
    changed_at = models.DateTimeField(null=True)  # when the version last changed
    next_at = models.DateTimeField(null=True)  # when to ask again; null = not by itself
    asked_at = models.DateTimeField(null=True)  # when somebody last set out to ask
    lease = models.UUIDField(null=True)  # who is asking now
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

    def __str__(self) -> str:
        return f"{self.job_id} ({self.outcome or self.trouble or 'new'})"

    @property
    def place(self) -> str:
        """What the body's ciphertext is bound to."""
        return f"body:{self.team_id}:{self.job_id}"

    @staticmethod
    def free_and_due(now: datetime) -> Q:
        """Of rows: to be asked for now, and nobody is at it. What lies too far ahead was written by another clock."""
        free = Q(lease_until__isnull=True) | Q(lease_until__lte=now) | Q(lease_until__gt=now + 2 * LEASE)
        return free & (Q(next_at__lte=now) | Q(next_at__gt=now + FURTHEST))

    def is_being_asked(self, now: datetime) -> bool:
        return self.lease_until is not None and now < self.lease_until <= now + 2 * LEASE

    def is_due(self, now: datetime) -> bool:
        return self.next_at is not None and not now < self.next_at <= now + FURTHEST


class SnapshotBody(models.Model):
    """The bytes the API sent: compressed, then sealed. Somebody's invoice."""

    snapshot = models.OneToOneField(Snapshot, models.CASCADE, primary_key=True, related_name="body")
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"body of {self.snapshot_id}"


class WorkflowCopy(models.Model):
    """The current definition of a workflow, kept for a while: names and steps to come. A job is shown without it."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="workflow_copies")
    workflow_id = models.CharField(max_length=100)
    sealed = models.BinaryField()  # empty: this workspace has no such workflow any more
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
    """A job one person keeps at hand."""

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
    """How the API as a whole is doing: the circuit breaker that all processes share."""

    url = models.CharField(max_length=200, unique=True)
    failures = models.PositiveIntegerField(default=0)  # in a row
    closed_until = models.DateTimeField(null=True)  # nobody asks before this

    def __str__(self) -> str:
        return self.url
