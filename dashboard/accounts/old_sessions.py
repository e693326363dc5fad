"""Sessions of earlier versions, which Django's table stores under the browser's own key.

While an upgrade is under way processes of both versions serve the same people: a session is copied when it first comes,
and stays for the other version. `purge` copies the rest; a day after the upgrade it empties the old tables. Until then
the way back signs nobody out.
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

SALT = "django.contrib.sessions.SessionStore"  # of the store that was used until now
# Until 1.2 people signed in through these; a session names the one it is from, and ends where that is not known.
FORMER_BACKENDS = {
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
}
KEPT = timedelta(days=1)  # from the upgrade on
SIGN_INS = "usersessions_usersession"  # of allauth.usersessions, which is no longer used


def data_of(key: str) -> dict[str, Any] | None:
    """The session's data; None if it does not exist or has no user."""
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
    """Leaves the old table in place, empty, for processes of the previous version."""
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
