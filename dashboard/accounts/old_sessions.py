"""Sessions of earlier versions, which are in Django's table under the browser's own key.

During an upgrade, processes of both versions serve the same people: a session is copied at its first use, and kept for
the other version. `purge` copies the rest; a day after the upgrade it empties the old tables. Until then a rollback
signs nobody out.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.core import signing
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from jobs import clock

SALT = "django.contrib.sessions.SessionStore"  # of the previous session store
# Backends until 1.2. A session stores its backend, and would end if it were unknown.
FORMER_BACKENDS = {
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
}
KEPT = timedelta(days=1)  # after the upgrade
SIGN_INS = "usersessions_usersession"  # of allauth.usersessions, which is no longer used


def data_of(key: str) -> dict[str, Any] | None:
    """The data of a session; None if it does not exist or has no user."""
    row = Session.objects.filter(session_key=key, expire_date__gt=clock.now()).first()
    data = _opened(row.session_data) if row else {}
    return data if SESSION_KEY in data else None


def all_keys() -> list[str]:
    return list(Session.objects.values_list("session_key", flat=True))


def keys_of(user_id: int) -> Iterator[str]:
    for row in Session.objects.all():
        if _opened(row.session_data).get(SESSION_KEY) == str(user_id):
            yield row.session_key


def delete(keys: list[str]) -> None:
    Session.objects.filter(session_key__in=keys).delete()


def drop(now: datetime) -> None:
    """Deletes expired sessions; a day after the upgrade, all."""
    Session.objects.filter(expire_date__lt=now).delete()
    upgrade = MigrationRecorder(connection).migration_qs.filter(app="dashboard", name="0002_sessions")
    if not upgrade.filter(applied__gt=now - KEPT).exists():
        delete_all()


@transaction.atomic
def delete_all() -> None:
    """Empties the old table but keeps it, for processes of the previous version."""
    Session.objects.all().delete()
    with connection.cursor() as cursor:
        if SIGN_INS in connection.introspection.table_names(cursor):
            cursor.execute(f"DELETE FROM {SIGN_INS}")  # noqa: S608 (our own name)


def _opened(session_data: str) -> dict[str, Any]:
    try:
        data: dict[str, Any] = signing.loads(session_data, salt=SALT)
    except (signing.BadSignature, ValueError):
        return {}
    if data.get(BACKEND_SESSION_KEY) in FORMER_BACKENDS:
        data[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    return data
