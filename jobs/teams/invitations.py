"""Single-use links that make a person a member of a team, valid for a week: the only way to create an account."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction

from jobs.encryption import Secret
from jobs.models import Invitation, Membership, Team
from jobs.teams import members

GOOD_FOR = timedelta(days=7)


@transaction.atomic
def invite(team: Team, email: str, role: str, by: User, now: datetime) -> Secret:
    """The link's secret, to be shown once. A second invitation to an address replaces the first."""
    secret = Secret("invite_" + secrets.token_urlsafe(32))
    team.lock()
    Invitation.objects.filter(team=team, email__iexact=email).delete()
    Invitation.objects.create(
        team=team, email=email, role=role, digest=_digest(secret.reveal()), invited_by=by, expires_at=now + GOOD_FOR
    )
    return secret


def find(secret: str, now: datetime) -> Invitation | None:
    """The invitation; None if used, withdrawn, expired, or its author no longer manages the team."""
    found = Invitation.objects.filter(digest=_digest(secret), expires_at__gt=now).select_related("team").first()
    return found if found and _may_invite(found) else None


@transaction.atomic
def accept(invitation: Invitation, user: User) -> bool:
    """False if it was already used. An existing member keeps their role."""
    if not Invitation.objects.filter(pk=invitation.pk).delete()[0]:
        return False
    if not invitation.team.memberships.filter(user=user).exists():
        members.join(invitation.team, user, invitation.role)
    return True


def _may_invite(invitation: Invitation) -> bool:
    managers = invitation.team.memberships.filter(role=Membership.Role.MANAGER)
    return managers.filter(user=invitation.invited_by_id, user__is_active=True).exists()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
