"""Single sign-on: who may sign in, checked every time."""

import logging
from typing import Any

from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.signals import social_account_added
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.shortcuts import render

from dashboard.accounts import identity, openid_connect, provider_connection
from jobs.teams import people

log = logging.getLogger("dashboard.accounts.sso")


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True  # pre_social_login has refused everybody else

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Raises ImmediateHttpResponse with the reason if the person may not sign in."""
        if _is_connecting(sociallogin) and not request.user.is_authenticated:
            raise PermissionDenied
        claims = _claims(sociallogin)
        address = proved_address(claims)
        why = _refusal(claims) or ("taken" if address and _is_taken(request, sociallogin, address) else "")
        if why:
            page = render(request, "socialaccount/refused.html", {"why": why}, status=403)
            raise ImmediateHttpResponse(page)
        _set_address(sociallogin, address)

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Ignores values that are not text."""
        texts = {name: value for name, value in data.items() if isinstance(value, str)}
        user: User = super().populate_user(request, sociallogin, texts)
        return user

    @transaction.atomic
    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        user: User = super().save_user(request, sociallogin, form)
        if user.email:
            identity.prove(user, user.email)
        return user

    def get_requests_session(self) -> provider_connection.Session:
        return provider_connection.Session()

    def on_authentication_error(self, request: HttpRequest, *args: Any, exception: Any = None, **given: Any) -> None:
        if exception is not None:
            log.warning("the provider of single sign-on does not answer as it should: %s", type(exception).__name__)


def proved_address(claims: dict[str, Any]) -> str:
    """The address verified by the provider, or "". Only the value `true` counts as verified."""
    address = claims.get("email")
    if not isinstance(address, str) or claims.get("email_verified") is not True:
        return ""
    address = address.strip().lower()
    try:
        validate_email(address)  # "x@elsewhere@example.com" is invalid, whatever its domain
    except ValidationError:
        return ""
    return address


def _refusal(claims: dict[str, Any]) -> str:
    """Why a person may not sign in: "group" or "address"; "" if they may. Claims are those of CLAIMS_KEPT."""
    if _has_group(claims) or proved_address(claims).rpartition("@")[2] in settings.OIDC_DOMAINS:
        return ""
    return "address" if settings.OIDC_DOMAINS else "group"


def _is_taken(request: HttpRequest, sociallogin: SocialLogin, address: str) -> bool:
    """Whether another account has verified the address; then the person must sign in to it and connect the provider."""
    if sociallogin.is_existing:
        return False
    owner = people.owner_of(address)
    return owner is not None and not (_is_connecting(sociallogin) and owner == request.user)


def _set_address(sociallogin: SocialLogin, address: str) -> None:
    """Sets a new account's address to the verified one, or none. An existing account gets it once it is connected."""
    if sociallogin.is_existing:
        if address:
            _prove(sociallogin.user, address)
        return
    if _is_connecting(sociallogin):
        return
    if address:
        identity.drop_claims(address)
    sociallogin.user.email = address
    sociallogin.email_addresses = [EmailAddress(email=address, verified=True, primary=True)] if address else []


def _prove(person: Any, address: str) -> None:
    """Verifies the address. For people without a password here, it replaces all others."""
    identity.prove(person, address, replaces_others=not person.has_usable_password())


@receiver(social_account_added)
def _connected(sociallogin: SocialLogin, **given: Any) -> None:
    """Sets the address after connecting, because the person may have to reauthenticate first."""
    address = proved_address(_claims(sociallogin))
    if address:
        _prove(sociallogin.user, address)


def _is_connecting(sociallogin: SocialLogin) -> bool:
    return bool(sociallogin.state.get("process") == AuthProcess.CONNECT)


def _has_group(claims: dict[str, Any]) -> bool:
    groups = claims.get("groups")
    return isinstance(groups, list) and not settings.OIDC_GROUPS.isdisjoint(str(group) for group in groups)


def _claims(sociallogin: SocialLogin) -> dict[str, Any]:
    """The provider's claims, from the ID token and the user info, which must have the same subject.

    An address and its verification are taken from the same source. Raises PermissionDenied.
    """
    extra_data: dict[str, Any] = sociallogin.account.extra_data
    token, answer = extra_data.get("id_token") or {}, extra_data.get("userinfo") or {}
    openid_connect.check_nonce(sociallogin.state, token)
    if token and answer and token.get("sub") != answer.get("sub"):
        raise PermissionDenied
    source = answer if "email" in answer else token
    return {**token, **answer, "email": source.get("email"), "email_verified": source.get("email_verified")}
