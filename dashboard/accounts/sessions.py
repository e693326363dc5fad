"""Sessions: rows for users, cookies for anonymous visitors; maximum ages; sign-out clears the browser.

A session gets a database row once a password or a provider has identified somebody. Before that, the state of a sign-in
(of single sign-on, a passkey's challenge, the key of a reset link) is in a signed cookie for a quarter of an hour, so
that strangers cannot fill the table.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from typing import Any

from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from allauth.account.signals import password_changed, password_reset, password_set
from allauth.account.utils import url_str_to_user_pk
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, logout
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core import signing
from django.db import DatabaseError, IntegrityError, OperationalError, transaction
from django.db.models import QuerySet
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from dashboard.accounts import old_sessions
from dashboard.accounts.session_keys import name_of, seal, unseal
from dashboard.models import Session
from jobs import clock
from jobs.http import client_address
from jobs.models.prepared_query import Prepared

Handler = Callable[[HttpRequest], HttpResponseBase]
BEGAN, USED = "began", "used"  # in the session: seconds since 1970
ORIGIN = "origin"  # in the session: IP address and browser at the sign-in
WRITTEN_EVERY = 15 * 60  # seconds: an open page polls every few seconds, and not every poll needs a write
# Watchers receive thousands of unchanged polls, which state the end of the session only while a tab may not know it:
NEWS_FOR = 60  # seconds after it moved, in which every open page polls, whichever tab's request moved it
SOON = 60 * 60  # seconds before it
# What allauth stores after a correct password or a provider's confirmation.
VOUCHED_FOR = (SESSION_KEY, LOGIN_SESSION_KEY, "socialaccount_sociallogin")
COOKIE_AGE = 15 * 60  # seconds that an anonymous session lasts
COOKIE_SALT = "dashboard.accounts.sessions.cookie"
COOKIE_LENGTH = 3800  # browsers accept no cookie of more than 4,096 bytes


def SessionAges(get_response: Handler) -> Handler:  # noqa: N802 (named like Django's own middleware)
    """Ends a session at its maximum age, extends it while it is used, and sends the seconds left to pages."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        session, now = request.session, time.time()
        gone = '"cache", "storage"'
        if BEGAN in session:
            if now - session[BEGAN] > settings.SESSION_ABSOLUTE_AGE:
                logout(request)
                gone = '"cache"'  # not signed out: drafts must be kept
            elif abs(now - session.get(USED, 0)) > WRITTEN_EVERY:  # or another clock was ahead
                session[USED] = now
        left = seconds_left(session, now)
        request.session_left = left  # type: ignore[attr-defined]
        response = get_response(request)
        is_known = response.status_code == 304 and left > SOON and now - session.get(USED, 0) > NEWS_FOR
        if left and not is_known:
            response.headers["X-Session-Left"] = str(left)
        if getattr(request, "signed_out", False):
            response.headers["Clear-Site-Data"] = gone
        return response

    return respond


def seconds_left(session: SessionBase, now: float) -> int:
    """Seconds until the session ends if unused; 0 for an anonymous one."""
    if BEGAN not in session:
        return 0
    idle_end = session.get(USED, session[BEGAN]) + settings.SESSION_COOKIE_AGE
    return max(0, int(min(idle_end, session[BEGAN] + settings.SESSION_ABSOLUTE_AGE) - now))


class SessionStore(db.SessionStore):
    """`session_key` is the value of the cookie: the key of a row, or a whole signed anonymous session."""

    _replaced: str | None = None  # the key before `cycle_key`, whose row is deleted after the new one is stored
    person: User | None = None  # the user, read together with the row

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        key = self.session_key or ""
        data = _from_cookie(key) if _is_cookie(key) else self._from_row(key)
        if data is None:
            self._session_key = None
        return data or {}

    @classmethod
    def clear_expired(cls) -> None:
        """Called by `clearsessions`, which `purge` runs in a worker, whose clock no probe checks."""
        cls.get_model_class().objects.filter(expire_date__lt=clock.now()).delete()
        take_over_all()

    def exists(self, session_key: str) -> bool:
        return not _is_cookie(session_key) and super().exists(name_of(session_key))

    def create(self) -> None:
        self._session_key = None
        self.save(must_create=True)
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        """Raises UpdateError if the row was deleted meanwhile."""
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        if any(name in data for name in VOUCHED_FOR):
            self._save_row(data)
        else:
            self.delete()
            self._session_key = _to_cookie(data)

    def delete(self, session_key: str | None = None) -> None:
        keys = [session_key] if session_key else [self.session_key, self._replaced]
        of_rows = [key for key in keys if key and not _is_cookie(key)]
        if of_rows:
            self.model.objects.filter(session_key__in=map(name_of, of_rows)).delete()
            old_sessions.delete(of_rows)

    def cycle_key(self) -> None:
        data, self._replaced = self._session, self.session_key  # type: ignore[attr-defined]
        self._session_key = None
        self._session_cache = data
        self.modified = True

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        key, origin = self.session_key or "", data.get(ORIGIN) or {}
        return Session(
            session_key=name_of(key),
            session_data=seal(data, key),
            expire_date=self.get_expiry_date(modification=clock.now()),
            user_id=_person(data),
            auth_hash=data.get(HASH_SESSION_KEY, ""),
            began_at=datetime.fromtimestamp(data[BEGAN], UTC) if BEGAN in data else None,
            address=origin.get("address"),
            browser=origin.get("browser", ""),
        )

    def _from_row(self, key: str) -> dict[str, Any] | None:
        found = _unexpired(self.model).find(name_of(key), clock.now())
        if found is None:
            return self.take_over(key)
        row, beside = found
        self.person = beside["person"]
        return unseal(row.session_data, key)

    def take_over(self, key: str) -> dict[str, Any] | None:
        """Copies a session of the previous version, if there is one."""
        data = old_sessions.data_of(key) if key else None
        if data is None or not User.objects.filter(pk=data[SESSION_KEY]).exists():
            return None
        self._session_cache = data
        with suppress(IntegrityError), transaction.atomic():  # a concurrent request has copied it
            self.create_model_instance(data).save(force_insert=True)
        return data

    def _save_row(self, data: dict[str, Any]) -> None:
        is_new = self.session_key is None or _is_cookie(self.session_key)
        if is_new:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
        try:
            with transaction.atomic():
                self.create_model_instance(data).save(force_insert=is_new, force_update=not is_new)
        except OperationalError:
            raise
        except DatabaseError as error:  # the row or its user was deleted meanwhile
            raise UpdateError from error
        if self._replaced:
            self.delete(self._replaced)
            self._replaced = None


def was_signed_in(request: HttpRequest) -> bool:
    """Whether the browser has the key of a session that expired or was ended elsewhere."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return bool(key) and not _is_cookie(key)


def active_sessions(user: User) -> QuerySet[Session]:
    """The user's sessions, latest first."""
    found = Session.objects.filter(user=user, auth_hash=user.get_session_auth_hash(), expire_date__gt=clock.now())
    return found.order_by("-began_at")


def end_sessions(user: User, but: str | None = None) -> None:
    """Signs a user out everywhere, including incomplete sign-ins. `but`: the key of a session to keep."""
    Session.objects.filter(user=user).exclude(session_key=name_of(but or "")).delete()
    old_sessions.delete([key for key in old_sessions.keys_of(user.pk) if key != but])


def take_over_all() -> None:
    """Copies all sessions of the previous version, whose table is emptied a day after the upgrade."""
    for key in old_sessions.all_keys():
        if not Session.objects.filter(session_key=name_of(key)).exists():
            SessionStore(key).take_over(key)
    old_sessions.drop(clock.now())


@cache
def _unexpired(model: type[AbstractBaseSession]) -> Prepared[AbstractBaseSession]:
    """Unexpired sessions with their users."""
    of_person = "LEFT JOIN auth_user person ON person.id = row.user_id"
    return Prepared(model, f"{of_person} WHERE row.session_key = %s AND row.expire_date > %s", person=User)


def _is_cookie(key: str) -> bool:
    return ":" in key


def _to_cookie(data: dict[str, Any]) -> str:
    """The cookie. Data that is too long is dropped, and the sign-in must start again."""
    signed = signing.dumps(data, salt=COOKIE_SALT, compress=True)
    return signed if len(signed) <= COOKIE_LENGTH else signing.dumps({}, salt=COOKIE_SALT)


def _from_cookie(signed: str) -> dict[str, Any] | None:
    try:
        data: dict[str, Any] = signing.loads(signed, salt=COOKIE_SALT, max_age=COOKIE_AGE)
    except signing.BadSignature:
        return None
    return None if any(name in data for name in VOUCHED_FOR) else data


def _person(data: dict[str, Any]) -> int | None:
    """The session's user, or the one who still has to give the second factor."""
    if SESSION_KEY in data:
        return int(data[SESSION_KEY])
    half_way = (data.get(LOGIN_SESSION_KEY) or {}).get("user_pk")
    return int(url_str_to_user_pk(half_way)) if half_way else None


@receiver(user_logged_in)
def _begin(request: HttpRequest | None = None, **given: Any) -> None:
    if request is None or not hasattr(request, "session"):
        return
    request.session[BEGAN] = request.session[USED] = time.time()
    browser = request.META.get("HTTP_USER_AGENT", "").replace("\0", "")[:200]
    request.session[ORIGIN] = {"address": client_address(request), "browser": browser}


@receiver(user_logged_out)
def _signed_out(request: HttpRequest | None = None, **given: Any) -> None:
    if request is not None:
        request.signed_out = True  # type: ignore[attr-defined]


@receiver(password_changed)
@receiver(password_set)
def _end_other_sessions(request: HttpRequest, user: User, **given: Any) -> None:
    end_sessions(user, but=request.session.session_key)


@receiver(password_reset)
def _end_all_sessions(user: User, **given: Any) -> None:
    end_sessions(user)
