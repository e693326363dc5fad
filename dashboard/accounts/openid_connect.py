"""Single sign-on by OpenID Connect: the checks of a provider's response that allauth leaves out.

allauth checks state and PKCE. Added here are a nonce and the signature of the ID token, for which allauth relies on the
connection. A response without a subject is refused.
"""

import hmac
import json
import secrets
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt
import requests
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from jobs.http import public_url

LONGEST_SUBJECT = 191  # characters of allauth's column
CLOCKS_APART = 60  # seconds by which the provider's clock may differ from ours
NONCE = "nonce"  # in the state of a sign-in
SYMMETRIC = "HS256"  # signed with the client secret
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
METHODS = "token_endpoint_auth_methods_supported"
CLAIMS_KEPT = (
    "sub",
    "email",
    "email_verified",
    "groups",
    NONCE,
    "preferred_username",
    "name",
    "given_name",
    "family_name",
)


class Adapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """Requests an ID token and accepts it only if the provider has just signed it for us."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """Raises OAuth2Error."""
        config: dict[str, Any] = super().openid_config
        methods, scheme = config.get(METHODS, []), urlsplit(self.get_provider().server_url).scheme
        addresses = [config.get(name) for name in ENDPOINTS]
        if not isinstance(config.get("issuer"), str) or not isinstance(methods, list):
            raise OAuth2Error("unusable configuration")
        if not all(isinstance(each, str) and each.startswith((f"{scheme}://", "https://")) for each in addresses):
            raise OAuth2Error("unusable configuration")
        return config

    @property
    def sign_out_address(self) -> str:
        """The URL to sign out at the provider; "" if it has none. Raises OAuth2Error.

        It contains the client's id, because tokens must not be in URLs. [OpenID Connect RP-Initiated Logout]
        """
        place = self.openid_config.get("end_session_endpoint")
        scheme = urlsplit(self.get_provider().server_url).scheme
        if not isinstance(place, str) or not place.startswith((f"{scheme}://", "https://")):
            return ""
        back = public_url(reverse("account_login"))
        query = urlencode({"client_id": self.get_provider().app.client_id, "post_logout_redirect_uri": back})
        return f"{place}{'&' if '?' in place else '?'}{query}"

    def parse_token(self, data: dict[str, Any]) -> SocialToken:
        """The access token, without its expiry, because it is used at once and not stored. Raises OAuth2Error."""
        token = data["access_token"]
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise OAuth2Error("invalid access_token")
        return SocialToken(token=token)

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **given: Any) -> SocialLogin:
        if not isinstance(given["response"].get("id_token"), str):
            raise OAuth2Error("no id_token")
        return super().complete_login(request, app, token, **given)

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        """Raises OAuth2Error."""
        try:
            claims: dict[str, Any] = jwt.decode(
                id_token,
                **self._key(app, jwt.get_unverified_header(id_token)),
                issuer=self.openid_config["issuer"],
                audience=app.client_id,
                leeway=CLOCKS_APART,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:  # also for an invalid key in its key set
            raise OAuth2Error("invalid id_token") from error
        if claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("id_token for somebody else")
        jwtkit.verify_jti(claims)
        return claims

    def _key(self, app: SocialApp, header: dict[str, Any]) -> dict[str, Any]:
        """The key that verifies the token, with its own algorithm: a public key is never used as a secret."""
        if header.get("alg") == SYMMETRIC and app.secret:
            return {"key": app.secret, "algorithms": [SYMMETRIC]}
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
        known = jwt.PyJWKSet.from_dict(answer.json()).keys
        named = [key for key in known if key.key_id == header.get("kid")] if "kid" in header else known
        if len(named) != 1 or named[0].algorithm_name.startswith("HS"):
            raise jwt.InvalidKeyError
        return {"key": named[0], "algorithms": [named[0].algorithm_name]}


class Provider(OpenIDConnectProvider):  # type: ignore[misc]
    """Identifies people by their subject, and refuses a response without one."""

    package = OpenIDConnectProvider.get_package()  # has its URLs
    oauth2_adapter_class = Adapter

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **given: Any
    ) -> HttpResponse:
        """Redirects to the provider with a nonce from the browser's state.

        `scope` and `auth_params` in the URL are ignored: only the operator decides what is requested from the provider.
        """
        given |= {"scope": self.get_scope(), "auth_params": self.get_auth_params()}
        given[NONCE] = given["auth_params"][NONCE] = secrets.token_urlsafe(16)
        answer: HttpResponse = super().redirect(request, process, next_url, data, **given)
        return answer

    def extract_uid(self, data: dict[str, Any]) -> str:
        """The subject. A value that is not text is refused: as text, "None" would be several people's account.

        Raises PermissionDenied.
        """
        answer = data.get("userinfo") or data.get("id_token")
        subject = answer.get("sub") if isinstance(answer, dict) else None
        if not isinstance(subject, str) or not subject.strip() or len(subject) > LONGEST_SUBJECT:
            raise PermissionDenied
        if not subject.isprintable():  # NUL or a lone surrogate, which PostgreSQL cannot store
            raise PermissionDenied
        return subject

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """The part of a response that is stored: only what was requested.

        Raises PermissionDenied for values PostgreSQL cannot store: NUL, lone surrogates, NaN.
        """
        kept = {part: {name: claims[name] for name in CLAIMS_KEPT if name in claims} for part, claims in data.items()}
        try:
            text = json.dumps(kept, ensure_ascii=False, allow_nan=False)
            text.encode()
        except (ValueError, RecursionError):
            raise PermissionDenied from None
        if "\\u0000" in text:
            raise PermissionDenied
        return kept


def check_nonce(state: dict[str, Any], id_token: dict[str, Any]) -> None:
    """Raises PermissionDenied for a token of another sign-in."""
    ours, theirs = state.get(NONCE), id_token.get(NONCE)
    if not (isinstance(ours, str) and isinstance(theirs, str) and hmac.compare_digest(ours.encode(), theirs.encode())):
        raise PermissionDenied


@login_not_required
def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    return _answer(OAuth2LoginView, request, provider_id)


@login_not_required
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    return _answer(OAuth2CallbackView, request, provider_id)


@login_not_required
@require_safe
def signed_out(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Offers to sign out at the provider too, which would otherwise sign in the next person without asking."""
    adapter = Adapter(request, provider_id)
    try:
        address = adapter.sign_out_address
    except (SocialApp.DoesNotExist, requests.RequestException, OAuth2Error):
        address = ""
    if not address:
        return redirect("account_login")
    return render(request, "socialaccount/signed_out.html", {"name": adapter.get_provider().name, "address": address})


@login_not_required
def nowhere(request: HttpRequest, rest: str) -> HttpResponse:
    """Raises Http404 for invalid provider names, because PostgreSQL rejects NUL."""
    raise Http404


def _answer(view: Any, request: HttpRequest, provider_id: str) -> HttpResponse:
    adapter = Adapter(request, provider_id)
    try:
        answer: HttpResponse = view.adapter_view(adapter)(request)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    except (requests.RequestException, OAuth2Error) as error:
        answer = render_authentication_error(request, adapter.get_provider(), exception=error)
    return answer
