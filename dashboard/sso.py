"""Single sign-on: who of those that the provider vouches for may come in. Asked at every sign-in, not once."""

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.shortcuts import render


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True  # pre_social_login has let nobody else through

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Raises ImmediateHttpResponse with a page that says why somebody stays outside."""
        why = _refusal(_claims(sociallogin), is_new=not sociallogin.is_existing)
        if why:
            page = render(request, "socialaccount/refused.html", {"why": why}, status=403)
            raise ImmediateHttpResponse(page)


def _refusal(claims: dict[str, Any], *, is_new: bool) -> str:
    """ "" for whoever may come in; else "group", "address" or "taken"."""
    address = str(claims.get("email") or "").lower()
    is_verified = claims.get("email_verified") is True
    if not _has_group(claims) and not (is_verified and address.rpartition("@")[2] in settings.OIDC_DOMAINS):
        return "address" if settings.OIDC_DOMAINS else "group"
    # Whoever holds the older account signs in to it and connects the two there.
    return "taken" if is_new and address and User.objects.filter(email__iexact=address).exists() else ""


def _has_group(claims: dict[str, Any]) -> bool:
    groups = claims.get("groups")
    return isinstance(groups, list) and not settings.OIDC_GROUPS.isdisjoint(str(group) for group in groups)


def _claims(sociallogin: SocialLogin) -> dict[str, Any]:
    said: dict[str, Any] = sociallogin.account.extra_data
    return {**(said.get("id_token") or {}), **(said.get("userinfo") or {})}
