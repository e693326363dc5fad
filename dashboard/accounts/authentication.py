"""Authentication by session. Most requests need one query for the session and its user together."""

from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject


class Authentication(AuthenticationMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _person(request))  # type: ignore[assignment]


def _person(request: HttpRequest) -> User | AbstractBaseUser | AnonymousUser:
    """The user read with the session, if Django would accept them unchanged.

    Django handles all other cases: it ends sessions, and accepts those of the previous SECRET_KEY.
    """
    data: dict[str, Any] = {name: request.session.get(name) for name in (SESSION_KEY, BACKEND_SESSION_KEY)}
    person: User | None = getattr(request.session, "person", None)
    is_theirs = person is not None and person.is_active and data[SESSION_KEY] == str(person.pk)
    if person is None or not is_theirs or data[BACKEND_SESSION_KEY] not in settings.AUTHENTICATION_BACKENDS:
        return get_user(request)
    shown = request.session.get(HASH_SESSION_KEY) or ""
    return person if constant_time_compare(shown, person.get_session_auth_hash()) else get_user(request)
