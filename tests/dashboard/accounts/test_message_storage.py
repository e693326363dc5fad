"""Messages are stored in a cookie as strict as the others; long ones in the session."""

import secrets

from django.conf import settings
from django.contrib import messages
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from dashboard.accounts.message_storage import HostCookie, Storage


def answer_with(*texts: str) -> tuple[HttpRequest, HttpResponse]:
    request = RequestFactory().get("/")
    request.session = SessionStore()
    middleware = MessageMiddleware(lambda _: HttpResponse())
    middleware.process_request(request)
    for text in texts:
        messages.info(request, text)
    response = HttpResponse()
    middleware.process_response(request, response)
    return request, response


def test_a_message_is_stored_in_an_httponly_cookie() -> None:
    _, response = answer_with("Revoked.")
    cookie = response.cookies[HostCookie.cookie_name]
    assert cookie["httponly"]
    assert cookie["samesite"] == settings.SESSION_COOKIE_SAMESITE


def test_a_message_too_long_for_a_cookie_is_stored_in_the_session() -> None:
    long = secrets.token_hex(5_000)  # incompressible
    request, response = answer_with(long)
    assert len(response.cookies[HostCookie.cookie_name].value) < 4_000
    assert long in str(request.session.get("_messages"))


def test_the_cookie_has_the_host_prefix_over_tls() -> None:
    is_bound = HostCookie.cookie_name.startswith("__Host-")
    assert is_bound is settings.SECURE_TRANSPORT
    assert Storage.storage_classes[0] is HostCookie
