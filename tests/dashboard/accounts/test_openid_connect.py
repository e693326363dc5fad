"""A provider's response signs a person in only if it is signed, recent, for this sign-in, and has a unique subject.

Against a provider that misbehaves (tests/openid_provider.py)."""

import html
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.test import Client

from dashboard.accounts.openid_connect import CLOCKS_APART, LONGEST_SUBJECT, Provider
from jobs.http import public_url
from tests.dashboard.accounts.test_sso import LOGIN, sign_in
from tests.dashboard.accounts.test_sso import provider as theirs
from tests.identity import CLIENT, SECRET
from tests.openid_provider import Provider as Misbehaving

__all__ = ["theirs"]
provider = Provider.__new__(Provider)  # its constructor reads settings from the database
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def published(key: rsa.RSAPrivateKey, kid: str = "one") -> dict[str, Any]:
    return {**jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig"}


def signed(said: dict[str, Any], key: rsa.RSAPrivateKey = KEY, kid: str | None = "one") -> str:
    return jwt.encode(said, key, algorithm="RS256", headers={"kid": kid} if kid else {})


def by_hand(said: dict[str, Any], algorithm: str, secret: bytes) -> str:
    """A token made by an attacker, because the library refuses a public key as a secret."""
    encode = jwt.utils.base64url_encode
    head = encode(json.dumps({"alg": algorithm, "kid": "one"}).encode()) + b"." + encode(json.dumps(said).encode())
    mark = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(head, secret) if secret else b""
    return (head + b"." + encode(mark)).decode()


def check_refused(client: Client) -> None:
    assert b"Sign-in failed" in sign_in(client).content
    assert client.get("/").status_code == 302
    assert not User.objects.exists()


class TestIdToken:
    @pytest.mark.parametrize("kid", ["one", None])
    def test_a_token_signed_by_a_published_key_signs_in(
        self, theirs: Misbehaving, client: Client, kid: str | None
    ) -> None:
        theirs.keys, theirs.sign = [published(KEY)], lambda said: signed(said, kid=kid)
        assert sign_in(client).headers["Location"] == "/"

    def test_unknown_key_types_are_skipped(self, theirs: Misbehaving, client: Client) -> None:
        theirs.keys, theirs.sign = [{"kty": "new", "kid": "two"}, published(OTHER, "three"), published(KEY)], signed
        assert sign_in(client).headers["Location"] == "/"

    @pytest.mark.parametrize(
        "sign",
        [
            pytest.param(lambda said: signed(said, OTHER), id="another key"),
            pytest.param(lambda said: signed(said, kid="two"), id="a key that is not published"),
            pytest.param(lambda said: signed(said)[:-8] + "AAAAAAAA", id="a changed signature"),
            pytest.param(lambda said: by_hand(said, "none", b""), id="no signature"),
            pytest.param(lambda said: by_hand(said, "None", b""), id="no signature, spelt otherwise"),
            pytest.param(lambda said: by_hand(said, "HS256", PEM), id="the public key as a secret"),
            pytest.param(lambda said: by_hand(said, "HS256", b" "), id="a guessed secret"),
            pytest.param(lambda said: by_hand(said, "RS256", b" "), id="a secret as a key"),
            pytest.param(lambda said: jwt.encode(said, "x" * 64, "HS512", headers={"kid": "one"}), id="another method"),
            pytest.param(lambda said: "not a token", id="no token"),
            pytest.param(lambda said: "", id="an empty token"),
        ],
    )
    def test_a_token_not_signed_by_the_provider_is_refused(
        self, theirs: Misbehaving, client: Client, sign: Callable[[dict[str, Any]], str]
    ) -> None:
        theirs.keys, theirs.sign = [published(KEY)], sign
        check_refused(client)

    @pytest.mark.parametrize("keys", [[], "none", [{"kty": "oct", "kid": "one", "k": "c2VjcmV0"}], [7]], ids=str)
    def test_unusable_keys_are_refused(self, theirs: Misbehaving, client: Client, keys: Any) -> None:
        theirs.keys, theirs.sign = keys, signed
        check_refused(client)

    def test_an_empty_secret_verifies_nothing(self, theirs: Misbehaving, client: Client, settings: Any) -> None:
        settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["secret"] = ""
        theirs.secret, theirs.sign = "", lambda said: by_hand(said, "HS256", b"")
        check_refused(client)

    @pytest.mark.parametrize("missing", ["iss", "sub", "aud", "exp", "iat", "nonce"])
    def test_a_token_missing_required_claims_is_refused(
        self, theirs: Misbehaving, client: Client, missing: str
    ) -> None:
        def sign(said: dict[str, Any]) -> str:
            return jwt.encode({name: value for name, value in said.items() if name != missing}, SECRET, "HS256")

        theirs.sign = sign
        check_refused(client)

    @pytest.mark.parametrize(
        "claims",
        [{"aud": [CLIENT, "another"], "azp": "another"}, {"nonce": "of another sign-in"}, {"nonce": 7}],
        ids=str,
    )
    def test_a_token_for_another_party_or_nonce_is_refused(
        self, theirs: Misbehaving, client: Client, claims: dict[str, Any]
    ) -> None:
        theirs.in_token = theirs.claims | claims
        check_refused(client)

    def test_a_token_of_an_earlier_sign_in_is_refused(self, theirs: Misbehaving, client: Client) -> None:
        kept: list[str] = []

        def sign(said: dict[str, Any]) -> str:
            kept.append(jwt.encode(said, SECRET, "HS256"))
            return kept[0]

        theirs.sign = sign
        assert sign_in(Client()).headers["Location"] == "/"
        assert b"Sign-in failed" in sign_in(client).content
        assert client.get("/").status_code == 302

    @pytest.mark.parametrize("ahead", [CLOCKS_APART - 30, 30 - CLOCKS_APART])
    def test_small_clock_differences_are_tolerated(self, theirs: Misbehaving, client: Client, ahead: int) -> None:
        def sign(said: dict[str, Any]) -> str:
            now = said["iat"] + ahead
            return jwt.encode(said | {"iat": now, "nbf": now, "exp": now + 1}, SECRET, "HS256")

        theirs.sign = sign
        assert sign_in(client).headers["Location"] == "/"


@pytest.mark.parametrize(
    "claims", [{"given_name": "half a \ud800"}, {"name": "a\0b"}, {"groups": [float("nan")]}], ids=ascii
)
def test_claims_that_cannot_be_stored_are_refused_and_leave_no_account(
    theirs: Misbehaving, client: Client, claims: dict[str, Any]
) -> None:
    theirs.claims |= claims
    check_refused(client)


def test_only_the_claims_that_are_used_are_stored(theirs: Misbehaving, client: Client) -> None:
    theirs.claims |= {"address": "at home", "odd": ["\ud800", float("inf")], "long": "x" * 100_000}
    assert sign_in(client).headers["Location"] == "/"
    kept = SocialAccount.objects.get().extra_data
    assert set(kept["userinfo"]) == {"sub", "email", "email_verified", "preferred_username", "groups"}


@pytest.mark.parametrize(
    "said",
    [{"access_token": 7}, {"access_token": "\u2028"}, {"access_token": "a\r\nb"}, {"id_token": None}],
    ids=ascii,
)
def test_an_unusable_token_is_refused(theirs: Misbehaving, client: Client, said: dict[str, Any]) -> None:
    theirs.beside_token = said
    check_refused(client)


def test_the_expiry_of_the_access_token_is_ignored(theirs: Misbehaving, client: Client) -> None:
    theirs.beside_token = {"expires_in": "soon"}
    assert sign_in(client).headers["Location"] == "/"


@pytest.mark.parametrize(
    "config",
    [
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": 5},
        {"token_endpoint": "file:///etc/passwd"},
        {"userinfo_endpoint": None},
        {"issuer": None},
        {"token_endpoint_auth_methods_supported": 5},
    ],
    ids=str,
)
def test_an_unusable_configuration_shows_sign_in_failed(
    theirs: Misbehaving, client: Client, config: dict[str, Any]
) -> None:
    theirs.config = config
    answer = client.post(LOGIN)
    assert (answer.status_code, b"Sign-in failed" in answer.content) == (401, True)


def test_a_provider_that_is_down_shows_sign_in_failed(theirs: Misbehaving, client: Client) -> None:
    theirs.server.server_close()
    answer = client.post(LOGIN)
    assert (answer.status_code, b"Sign-in failed" in answer.content) == (401, True)


def test_each_sign_in_has_its_own_nonce(theirs: Misbehaving, client: Client) -> None:
    asked = [parse_qs(urlsplit(client.post(LOGIN).headers["Location"]).query) for _ in range(2)]
    assert asked[0]["nonce"] != asked[1]["nonce"]


def test_a_strangers_link_cannot_change_the_request_to_the_provider(theirs: Misbehaving, client: Client) -> None:
    """Otherwise it could set another redirect URI, the state, or a larger scope."""
    given = "auth_params=nonce%3Dx%26state%3Dx%26redirect_uri%3Dx%26response_type%3Dtoken&scope=everything"
    asked = parse_qs(urlsplit(client.post(f"{LOGIN}?{given}").headers["Location"]).query)
    assert asked["response_type"] == ["code"]
    assert set(asked["scope"][0].split()) == {"openid", "profile", "email"}
    assert "x" not in {value for values in asked.values() for value in values}


def test_another_provider_is_not_found(theirs: Misbehaving, client: Client) -> None:
    for address in ("login/", "login/callback/"):
        assert client.get(f"/accounts/oidc/other/{address}").status_code == 404


class TestSigningOut:
    SIGNED_OUT = "/accounts/oidc/sso/signed-out/"

    def test_is_offered_at_the_provider_too(self, theirs: Misbehaving, client: Client) -> None:
        """Without a token in the URL, which browsers, proxies and the provider's log would store."""
        theirs.config = {"end_session_endpoint": f"{theirs.url}/logout?realm=acme"}
        sign_in(client)
        page = client.post("/accounts/logout/", follow=True)
        assert page.redirect_chain == [(self.SIGNED_OUT, 302)]
        (address,) = re.findall(r'href="(http[^"]+/logout[^"]+)"', page.text)
        parts = urlsplit(html.unescape(address))
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{theirs.url}/logout"
        back = public_url("/accounts/login/")
        assert parse_qs(parts.query) == {
            "realm": ["acme"], "client_id": [CLIENT], "post_logout_redirect_uri": [back],
        }  # fmt: skip
        assert client.get("/").headers["Location"].startswith("/accounts/login/")

    @pytest.mark.parametrize("place", [None, 7, "", "javascript:alert(1)", "//elsewhere.example"])
    def test_is_not_offered_where_the_provider_names_no_address(
        self, theirs: Misbehaving, client: Client, place: object
    ) -> None:
        theirs.config = {} if place is None else {"end_session_endpoint": place}
        assert client.get(self.SIGNED_OUT).headers["Location"] == "/accounts/login/"

    def test_does_not_wait_for_a_provider_that_is_away(self, theirs: Misbehaving, client: Client) -> None:
        sign_in(client)
        theirs.server.server_close()
        page = client.post("/accounts/logout/", follow=True)
        assert [address for address, _ in page.redirect_chain] == [self.SIGNED_OUT, "/accounts/login/"]

    def test_leads_to_the_sign_in_page_where_the_provider_is_no_longer_used(
        self, theirs: Misbehaving, client: Client, settings: Any
    ) -> None:
        sign_in(client)
        settings.SOCIALACCOUNT_PROVIDERS = {}
        page = client.post("/accounts/logout/", follow=True)
        assert [address for address, _ in page.redirect_chain] == [self.SIGNED_OUT, "/accounts/login/"]

    def test_with_a_password_leads_to_the_sign_in_page(self, theirs: Misbehaving, as_alice: Client) -> None:
        assert as_alice.post("/accounts/logout/").headers["Location"] == "/accounts/login/"


@pytest.mark.parametrize("subject", ["d-1", "ñandú", " d ", "d" * LONGEST_SUBJECT])
@pytest.mark.parametrize("part", ["userinfo", "id_token"])
def test_the_subject_is_kept_exactly_as_sent(part: str, subject: str) -> None:
    assert provider.extract_uid({part: {"sub": subject}}) == subject


@pytest.mark.parametrize(
    "subject", [None, "", " ", "d" * (LONGEST_SUBJECT + 1), "d\0", "\ud800", 7, True, ["d-1"], {"id": "d-1"}], ids=ascii
)
def test_an_answer_without_a_subject_is_refused(subject: object) -> None:
    with pytest.raises(PermissionDenied):
        provider.extract_uid({"userinfo": {"sub": subject}})


@pytest.mark.parametrize("answer", [{}, {"userinfo": None}, {"userinfo": "d-1"}, {"id_token": []}], ids=str)
def test_an_answer_of_another_shape_is_refused(answer: dict[str, Any]) -> None:
    with pytest.raises(PermissionDenied):
        provider.extract_uid(answer)


def test_userinfo_takes_precedence_over_the_token() -> None:
    assert provider.extract_uid({"userinfo": {"sub": "a"}, "id_token": {"sub": "b"}}) == "a"
