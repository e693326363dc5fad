"""A team's webhook secret: generated, shown once, stored as a digest.

It has 256 random bits, so a plain SHA-256 is as safe as a slow hash. After a change the previous secret works for
another day: workflows are edited by hand, and a refused webhook would be retried for hours and become a job's fault.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.views.decorators.debug import sensitive_variables

from jobs.encryption import Secret
from jobs.models import Team, WebhookSecret

OVERLAP = timedelta(hours=24)
HEARD_EVERY = timedelta(minutes=1)  # how often "last heard" is updated at most
NO_DIGEST = hashlib.sha256(b"a team without a secret").hexdigest()


@transaction.atomic
def make(team: Team, by: User, now: datetime) -> Secret:
    """A new secret; the previous one works until `now + OVERLAP`. The caller shows it once."""
    secret = Secret("hook_" + secrets.token_urlsafe(32))
    before = WebhookSecret.objects.filter(team=team).values_list("digest", flat=True).first()
    new = {"digest": _digest(secret.reveal()), "previous_digest": before or "", "set_by": by, "set_at": now}
    WebhookSecret.objects.update_or_create(
        team=team, defaults=new | {"previous_until": now + OVERLAP if before else None, "heard_at": None}
    )
    return secret


def remove(team: Team) -> None:
    """Removes the secret: webhooks with the current or previous one are refused."""
    WebhookSecret.objects.filter(team=team).delete()


@sensitive_variables()
def team_that_trusts(slug: str, shown: str, now: datetime) -> Team | None:
    """The team with this slug and secret, or None. An unknown team takes as long as a wrong secret."""
    row = WebhookSecret.objects.select_related("team").filter(team__slug=slug).first()
    known = [row.digest if row else NO_DIGEST, _previous(row, now)]
    matches = [hmac.compare_digest(_digest(shown), digest) for digest in known]
    return row.team if row is not None and any(matches) else None


def note_report(team: Team, now: datetime) -> None:
    """Records the time of a webhook, to show managers that it works."""
    rarely = Q(heard_at__isnull=True) | Q(heard_at__lte=now - HEARD_EVERY)
    WebhookSecret.objects.filter(rarely, team=team).update(heard_at=now)


def _previous(row: WebhookSecret | None, now: datetime) -> str:
    works = row is not None and row.previous_until is not None and row.previous_until > now
    return row.previous_digest if row is not None and works else NO_DIGEST


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
