"""Access tokens for scripts: shown once, stored as digests; each reads one team's jobs only."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from jobs.encryption import Secret
from jobs.models import AccessToken, Membership, Team

START = "read_"
SHOWN = 10  # characters of the visible prefix
LIVES = ((7, _("7 days")), (30, _("30 days")), (90, _("90 days")), (365, _("1 year")))
USUAL_LIFE = 90  # days
USED_EVERY = timedelta(hours=1)  # how often "last used" is updated
MOST = 50  # active tokens per team


class TooMany(Exception):
    """The team has reached its limit of active tokens."""


@transaction.atomic
def make(team: Team, name: str, days: int, by: User, now: datetime) -> Secret:
    """A new token, to be shown once. Raises TooMany."""
    team.lock()
    if AccessToken.objects.filter(team=team, revoked_at__isnull=True, expires_at__gt=now).count() >= MOST:
        raise TooMany
    text = START + secrets.token_urlsafe(32)
    AccessToken.objects.create(
        team=team, name=name, prefix=text[:SHOWN], digest=_digest(text), made_by=by, made_at=now,
        expires_at=now + timedelta(days=days),
    )  # fmt: skip
    return Secret(text)


@sensitive_variables()
def find(shown: str, now: datetime) -> AccessToken | None:
    """The active token with its team, whose use is recorded. A token needs its creator's membership."""
    token = AccessToken.objects.select_related("team").filter(_maker_is_member(), digest=_digest(shown)).first()
    if token is None or not token.works(now):
        return None
    rarely = Q(used_at__isnull=True) | Q(used_at__lte=now - USED_EVERY)
    if token.used_at is None or token.used_at <= now - USED_EVERY:
        AccessToken.objects.filter(rarely, pk=token.pk).update(used_at=now)
    return token


def revoke(team: Team, pk: int, now: datetime) -> AccessToken | None:
    """Ends a token at once; None if it does not exist."""
    token = AccessToken.objects.filter(team=team, pk=pk, revoked_at__isnull=True).first()
    if token is None or not AccessToken.objects.filter(pk=pk, revoked_at__isnull=True).update(revoked_at=now):
        return None
    return token


def of_team(team: Team, now: datetime) -> QuerySet[AccessToken]:
    """Active tokens, those that expired within the last month, and those whose creator has left (`is_orphan`)."""
    recent = AccessToken.objects.filter(team=team, revoked_at__isnull=True, expires_at__gt=now - timedelta(days=30))
    return recent.annotate(is_orphan=~_maker_is_member()).select_related("made_by").order_by("name", "pk")


def _maker_is_member() -> Exists:
    makers = Membership.objects.filter(team=OuterRef("team"), user=OuterRef("made_by"), user__is_active=True)
    return Exists(makers)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
