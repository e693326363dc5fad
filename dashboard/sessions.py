"""How long a sign-in lasts: eight hours without use, seven days in all; and that signing out leaves nothing behind.

The store is Django's own, in the database.
"""

import time
from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from jobs.prepared import Prepared

Handler = Callable[[HttpRequest], HttpResponseBase]
BEGAN, USED = "began", "used"  # in the session: seconds since 1970
WRITTEN_EVERY = 15 * 60  # seconds: an open page asks every few seconds, and need not write each time


def SessionAges(get_response: Handler) -> Handler:  # noqa: N802 (named like Django's own middleware)
    """Ends a session at its absolute age, and moves its idle end while it is in use."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        session, now = request.session, time.time()
        if BEGAN in session:
            if now - session[BEGAN] > settings.SESSION_ABSOLUTE_AGE:
                logout(request)
            elif now - session.get(USED, 0) > WRITTEN_EVERY:
                session[USED] = now
        response = get_response(request)
        if getattr(request, "signed_out", False):
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response

    return respond


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> AbstractBaseSession | None:
        found = _unexpired(self.model).first(self.session_key, timezone.now())
        if found is None:
            self._session_key = None
        return found


@cache
def _unexpired(model: type[AbstractBaseSession]) -> Prepared[AbstractBaseSession]:
    return Prepared(model, "WHERE row.session_key = %s AND row.expire_date > %s")


@receiver(user_logged_in)
def _begin(request: HttpRequest | None = None, **given: Any) -> None:
    if request is not None and hasattr(request, "session"):
        request.session[BEGAN] = request.session[USED] = time.time()


@receiver(user_logged_out)
def _signed_out(request: HttpRequest | None = None, **given: Any) -> None:
    if request is not None:
        request.signed_out = True  # type: ignore[attr-defined]
