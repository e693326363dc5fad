"""Activates a team's API key: reads its claims, checks it against the API, and stores it."""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from jobs.encryption import Secret
from jobs.invopop import workspace_payload
from jobs.invopop.client import Client
from jobs.invopop.workspace_payload import Workspace
from jobs.models import Team, Token


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims in the API key, unverified, for display only."""

    scope: str = ""
    expires_at: datetime | None = None  # [3P] no expiry if `exp` is 0 or missing

    @property
    def is_read_only(self) -> bool | None:
        return None if not self.scope else self.scope.lower() in {"read", "readonly", "read-only"}


def claims(secret: Secret) -> Claims:
    """The claims of an API key; none if it is not a JWT. Never raises."""
    try:
        payload = secret.reveal().split(".")[1]
        data = msgspec.json.decode(
            base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), type=dict[str, object]
        )
    except (IndexError, binascii.Error, ValueError, RecursionError):
        return Claims()
    scope, expires = data.get("scope"), data.get("exp")
    return Claims(scope=str(scope)[:100] if isinstance(scope, str | list) else "", expires_at=_instant(expires))


def workspace(secret: Secret) -> Workspace:
    """Requests the API key's workspace. Raises invopop.errors.APIError."""
    return workspace_payload.parse(Client(settings.INVOPOP_API_URL, secret).workspace())


@sensitive_variables()
def put_in_use(team: Team, secret: Secret, found: Workspace | None, by: User | None = None) -> Token:
    """Replaces the team's API key; `found` is the workspace, None if unchecked."""
    claimed = claims(secret)
    about: dict[str, object] = {"scope": claimed.scope, "expires_at": claimed.expires_at}
    if found is not None:
        about |= {
            "checked_at": timezone.now(),
            "workspace_id": found.id[:100],
            "workspace_name": found.name[:200],
            "workspace_slug": found.slug[:100],
            "country": found.country[:10],
            "sandbox": found.sandbox,
        }
    return Token.objects.replace(team, secret, by=by, **about)


def _instant(value: object) -> datetime | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or value <= 0:
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def described(found: Workspace) -> str:
    kind = {True: "sandbox", False: "live", None: "sandbox or live: not stated"}[found.sandbox]
    return f"Workspace {found.name or found.id} ({found.slug}, {found.country}), {kind}."


def warning(token: Token) -> str:
    """The warning for a key: "expired", "expires" (within two weeks), "powerful" (more than read access), or ""."""
    left = token.expires_at - timezone.now() if token.expires_at else None
    if left is not None and left < timedelta(days=14):
        return "expires" if left > timedelta(0) else "expired"
    return "powerful" if token.scope and not Claims(token.scope).is_read_only else ""
