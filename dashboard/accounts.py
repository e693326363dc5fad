"""How people come in: no open sign-up; accounts are made by an operator, an invitation or single sign-on."""

import base64
import logging
import secrets
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from jobs import encryption
from jobs.encryption import Secret
from jobs.http import client_address
from jobs.prepared import Prepared

log = logging.getLogger("dashboard.accounts")
BY_ID = Prepared(User, "WHERE row.id = %s")


class Backend(AuthenticationBackend):  # type: ignore[misc]
    def get_user(self, user_id: int) -> User | None:
        user = BY_ID.first(user_id)
        return user if user and self.user_can_authenticate(user) else None


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """For limits and the list of sessions. Behind a socket, with no proxy told of, all share one address."""
        return client_address(request) or "0.0.0.0"  # noqa: S104

    def is_safe_url(self, url: str | None) -> bool:
        """Where `next` may lead: a path of ours, and nothing that a browser might read otherwise."""
        return bool(url) and str(url).startswith("/") and url_has_allowed_host_and_scheme(url, None)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """A disabled account answers like a wrong password: who was put out is nobody's business."""
        user: User | None = super().authenticate(request, **credentials)
        return user if user and user.is_active else None

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server in trouble must not tell by an error whether there is an account."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:
            log.error("mail could not be sent: %s", error)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """The seeds of authenticator apps and recovery codes are sealed like tokens: a stolen database gives no codes."""

    def encrypt(self, text: str) -> str:
        return encryption.seal(Secret(text), encryption.SECOND_FACTOR)

    def decrypt(self, encrypted_text: str) -> str:
        """What cannot be opened becomes a seed that nobody has: no code is right, until an operator deletes it."""
        if "." not in encrypted_text:
            return encrypted_text  # of a version that did not seal them
        try:
            return encryption.unseal(encrypted_text, encryption.SECOND_FACTOR).reveal()
        except encryption.Unreadable:
            log.error("a second factor cannot be opened with the present keys")
            return base64.b32encode(secrets.token_bytes(20)).decode()


@login_not_required
def without_mail(request: HttpRequest) -> HttpResponse:
    """Where no mail server is configured, nobody should wait for a mail."""
    return render(request, "account/without_mail.html")
