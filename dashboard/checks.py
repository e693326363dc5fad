"""Checks of this installation for `manage.py check`: keys, the operator's own files, what is publicly accessible.

An invalid variable stops the start before any check; see environment.py.
"""

import base64
import hashlib
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from jobs import clock, encryption
from jobs.background import heartbeat
from jobs.diagnosis import explanations
from jobs.models import Token

LOCAL = {"localhost", "127.0.0.1", "::1", "[::1]", "testserver"}


@register(Tags.security)
def keys(**given: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    configured: list[str] = settings.TOKEN_ENCRYPTION_KEYS
    if not configured or not encryption.usable():
        found.append(Error("TOKEN_ENCRYPTION_KEYS: no key that can be used.", id="dashboard.E001"))
    if len(set(configured)) < len(configured):
        found.append(Error("TOKEN_ENCRYPTION_KEYS: the same key twice.", id="dashboard.E002"))
    if any(key in _made_of(settings.SECRET_KEY) for key in configured):
        hint = "Anybody who reads one would have both: make a key of its own."
        found.append(Error("TOKEN_ENCRYPTION_KEYS: made of SECRET_KEY.", hint=hint, id="dashboard.E003"))
    return found


@register(Tags.files)
def own_explanations(**given: Any) -> list[CheckMessage]:
    try:
        explanations.with_extra(settings.EXTRA_EXPLANATIONS)
    except explanations.CatalogueError as error:
        hint = "Pages show the built-in explanations until it can be read."
        return [Error(f"EXTRA_EXPLANATIONS: {error}", hint=hint, id="dashboard.E004")]
    return []


@register(Tags.security)
def plain_http(**given: Any) -> list[CheckMessage]:
    public = [host for host in settings.ALLOWED_HOSTS if host not in LOCAL]
    if not settings.PLAIN_HTTP or not public:
        return []
    hint = "It is for a trial on one machine: passwords and invoices would cross the network in clear."
    return [checks.Warning(f"PLAIN_HTTP is on, and {public[0]} is answered.", hint=hint, id="dashboard.W001")]


@register(Tags.database)
def readable_tokens(databases: Sequence[str] | None = None, **given: Any) -> list[CheckMessage]:
    """Runs only with a database, as `check --database default` and `migrate` do."""
    if not databases:
        return []
    try:
        tokens = list(Token.objects.filter(in_use=True).defer(None).select_related("team"))
    except DatabaseError:
        return []  # not migrated yet
    unreadable = [token.team.slug for token in tokens if not token.is_readable]
    if not unreadable:
        return []
    hint = "Bring the old key back into TOKEN_ENCRYPTION_KEYS, or set these teams' tokens again."
    return [
        checks.Warning(f"No present key opens the token of: {', '.join(unreadable)}.", hint=hint, id="dashboard.W002")
    ]


@register(Tags.database)
def worker(databases: Sequence[str] | None = None, **given: Any) -> list[CheckMessage]:
    """Runs only with a database, as above."""
    try:
        silent = bool(databases) and heartbeat.state(clock.now()) == "silent"
    except DatabaseError:
        return []  # not migrated yet
    hint = "Start `manage.py worker`: without it workspaces are not read and messages are not sent."
    return [checks.Warning("The worker has stopped.", hint=hint, id="dashboard.W003")] if silent else []


def _made_of(secret: str) -> set[str]:
    """Common ways of deriving one key from another."""
    plain, digest = secret.encode()[:32].ljust(32, b"\0"), hashlib.sha256(secret.encode()).digest()
    return {base64.urlsafe_b64encode(each).decode() for each in (plain, digest)}
