"""Accounts: no open sign-up; an operator, an invitation or single sign-on creates them."""

import base64
import logging
import secrets
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dashboard.accounts.session_keys import name_of
from dashboard.accounts.sessions import active_sessions, end_sessions
from jobs import encryption
from jobs.encryption import Secret
from jobs.http import Request, client_address, public_url
from jobs.models.prepared_query import Prepared
from jobs.teams import people

log = logging.getLogger("dashboard.accounts.adapters")
BY_ACCOUNT, BY_ADDRESS = "login_failed", "login_failed_from"  # in ACCOUNT_RATE_LIMITS
BY_ID = Prepared(User, "WHERE row.id = %s")


class Site(NamedTuple):
    """The site name and origin in allauth's mails."""

    name: str
    domain: str


class Backend(AuthenticationBackend):  # type: ignore[misc]
    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        """Hashes one password per attempt, known account or not, so that timing reveals no accounts."""
        password = credentials.get("password")
        if not password:
            return None
        user = people.find(_login_of(credentials))
        if user is None:
            User().set_password(password)
            return None
        known: User | None = self._check_password(user, password)
        return known

    def get_user(self, user_id: int) -> User | None:
        user = BY_ID.first(user_id)
        return user if user and self.user_can_authenticate(user) else None


Backend.__module__ = "dashboard.accounts"  # sessions store this path; another would end all of them


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: Any) -> None:
        """Stores the backend as the settings name it; a session under another path is invalid."""
        (user.backend,) = settings.AUTHENTICATION_BACKENDS
        super().login(request, user)

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """After single sign-on, the page that says the person is still signed in at the provider."""
        for record in get_authentication_records(request, request.user):
            if record["method"] == "socialaccount":
                return reverse("openid_connect_signed_out", args=[record["provider"]])
        address: str = super().get_logout_redirect_url(request)
        return address

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address for rate limits and the list of sessions. Behind a socket without a proxy all share one."""
        return client_address(request) or "0.0.0.0"  # noqa: S104

    def is_safe_url(self, url: str | None) -> bool:
        """Whether `next` is a path of this site that browsers cannot read as another URL."""
        return bool(url) and str(url).startswith("/") and url_has_allowed_host_and_scheme(url, None)

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Applies the same rules to names suggested by a provider."""
        cleaned: str = super().clean_username(people.clean_name(username), shallow)
        return cleaned

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Verifies an address only for the signed-in account, so that nobody verifies it for a stranger."""
        if request.user.pk != email_address.user_id:
            messages.error(request, _("Sign in to the account that the address is for, then open the link again."))
            return False
        confirmed: bool = super().confirm_email(request, email_address)
        return confirmed

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Checks IP limits first, so that a limited address does not use up an account's attempts."""
        self._attempts = []
        for action, key in ((BY_ADDRESS, None), (BY_ACCOUNT, _account_of(_login_of(credentials)))):
            usage = ratelimit.consume(request, app="allauth.account", action=action, key=key)
            if not usage:
                raise self.validation_error("too_many_login_attempts")
            self._attempts.append(usage)

    def _rollback_login_failed_rl_usage(self) -> None:
        for usage in self._attempts:
            usage.rollback()

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """Does nothing: attempts are counted per account, so that another spelling of the name gives no extra ones."""

    def forget_wrong_passwords(self, request: HttpRequest, user: User) -> None:
        ratelimit.clear(request, app="allauth.account", action=BY_ACCOUNT, key=_account_of(user.username))

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Responds for a disabled account as for a wrong password."""
        user: User | None = super().authenticate(request, **credentials)
        return user if user and user.is_active else None

    def get_reset_password_from_key_url(self, key: str) -> str:
        return self._public(super().get_reset_password_from_key_url(key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return self._public(super().get_email_confirmation_url(request, emailconfirmation))

    def _public(self, address: str) -> str:
        """The same URL on PUBLIC_ORIGIN, because the requested host comes from the browser."""
        parts = urlsplit(address)
        return public_url(parts.path + (f"?{parts.query}" if parts.query else ""))

    def format_email_subject(self, subject: str) -> str:
        return f"[{urlsplit(settings.PUBLIC_ORIGIN).netloc}] {subject}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Sends a mail. Failures are only logged, because they would reveal whether an account exists."""
        host = urlsplit(settings.PUBLIC_ORIGIN).netloc
        public: dict[str, Any] = {"current_site": Site(host, host)}
        if "signup_url" in context:
            public["signup_url"] = self._public(context["signup_url"])
        try:
            super().send_mail(template_prefix, email, context | public)
        except OSError as error:
            log.error("mail could not be sent: %s", error)


def _login_of(credentials: dict[str, Any]) -> str:
    """The user name or address as typed."""
    return str(credentials.get("username") or credentials.get("email") or "")


def _account_of(login: str) -> str:
    """The key for counting wrong passwords: the account, under any name, address or host."""
    user = people.find(login)
    return f"account:{user.pk}" if user else f"name:{people.canonical(login)}"


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Encrypts the seeds of authenticator apps and recovery codes, so that a stolen database reveals no codes."""

    def encrypt(self, text: str) -> str:
        return encryption.seal(Secret(text), encryption.SECOND_FACTOR)

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypts a seed. If that fails, it returns a random one: no code works until an operator deletes it."""
        if "." not in encrypted_text:
            return encrypted_text  # from a version that did not encrypt them
        try:
            return encryption.unseal(encrypted_text, encryption.SECOND_FACTOR).reveal()
        except encryption.Unreadable:
            log.error("a second factor cannot be opened with the present keys")
            return base64.b32encode(secrets.token_bytes(20)).decode()


@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: Request) -> HttpResponse:
    """Lists this user's sessions; a POST ends all others."""
    if request.method == "POST":
        end_sessions(request.user, but=request.session.session_key)
        messages.info(request, _("You are signed out everywhere else."))
        return redirect("usersessions_list")
    current = name_of(request.session.session_key or "")
    context = {"sessions": active_sessions(request.user), "current": current}
    return render(request, "account/sessions.html", context)


@require_http_methods(["GET", "HEAD"])
def prolong(request: Request) -> HttpResponse:
    """Only extends the session, as any request does. The body is a CSRF token for the page's forms, which would be
    refused after another sign-in.
    """
    return HttpResponse(get_token(request), content_type="text/plain")


@login_not_required
def without_mail(request: HttpRequest) -> HttpResponse:
    """Without a mail server, states that instead of announcing a mail."""
    return render(request, "account/without_mail.html")
