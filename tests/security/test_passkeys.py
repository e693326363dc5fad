"""Passkeys, from the key to the page: whose key signs whom in, and that each challenge works once."""

import html
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from fido2.utils import websafe_encode

from dashboard.accounts import identity
from tests.authenticator import PRESENT, VERIFIED, SecurityKey
from tests.conftest import PASSWORD, Stage

LOGIN, ADD, WITH_KEY = "/accounts/login/", "/accounts/2fa/webauthn/add/", "/accounts/2fa/webauthn/login/"
HOSTILE = ("", "{}", "[]", "0", "1", '"text"', "null", "{", '{"response": 1}', "[" * 3000, "9" * 6000, '"\\ud800"')
BROKEN = (None, 0, -1, 10**30, "", "a", "\ud800", [], {"a": 1}, "AAAA", "A" * 5000, "W1tb" * 9000, "gYGB" * 9000)


@pytest.fixture
def key(stage: Stage) -> SecurityKey:
    """Bob's passkey, created on his own pages."""
    client, key = Client(), SecurityKey()
    client.post(LOGIN, {"login": "bob", "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post(ADD, {"name": "key", "credential": key.make(options_in(client.get(ADD)))})
    assert Authenticator.objects.filter(user=stage.bob, type=Authenticator.Type.WEBAUTHN).exists()
    return key


def options_in(page: Any) -> dict[str, Any]:
    found = re.search(r'<script id="js_data" type="application/json">(.*?)</script>', page.content.decode(), re.DOTALL)
    assert found
    data = json.loads(html.unescape(found[1]))
    options: dict[str, Any] = data.get("creation_options") or data["request_options"]
    return options


def challenge(client: Client) -> dict[str, Any]:
    options: dict[str, Any] = client.get(WITH_KEY, headers={"Accept": "application/json"}).json()["request_options"]
    return options


def broken(response: str) -> Iterator[str]:
    """A key's valid response with each of its values missing or broken."""
    whole = json.loads(response)
    for part in (whole, whole["response"]):
        for name, value in list(part.items()):
            for wrong in BROKEN:
                part[name] = wrong
                yield json.dumps(whole)
            del part[name]
            yield json.dumps(whole)
            part[name] = value


def is_in(client: Client) -> bool:
    return client.get("/teams/acme/").status_code == 200


def test_a_passkey_signs_its_owner_in(key: SecurityKey) -> None:
    client = Client()
    client.post(WITH_KEY, {"credential": key.sign(challenge(client))})
    assert is_in(client)


def test_a_signed_challenge_works_once(key: SecurityKey) -> None:
    """An attacker who has seen the request with its cookies sends it again."""
    client = Client()
    signed, cookie = key.sign(challenge(client)), client.cookies["session"].value
    client.post(WITH_KEY, {"credential": signed})
    again = Client()
    again.cookies["session"] = cookie
    again.post(WITH_KEY, {"credential": signed})
    assert not is_in(again)


def test_a_challenge_works_only_in_the_browser_that_asked(key: SecurityKey) -> None:
    signed = key.sign(challenge(Client()))
    client = Client()
    challenge(client)
    client.post(WITH_KEY, {"credential": signed})
    assert not is_in(client)


class TestOriginAndVerification:
    """Over TLS, like a real installation."""

    @pytest.fixture(autouse=True)
    def over_tls(self, key: SecurityKey, settings: Any) -> None:
        settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False
        key.origin = "https://testserver"

    def signed_in(self, key: SecurityKey) -> bool:
        client = Client()
        client.post(WITH_KEY, {"credential": key.sign(challenge(client))})
        return is_in(client)

    def test_our_own_page_is_accepted(self, key: SecurityKey) -> None:
        assert self.signed_in(key)

    @pytest.mark.parametrize(
        "origin",
        [
            "https://evil.example",
            "http://testserver",
            "https://testserver.evil.example",
            "https://eviltestserver",
            "https://other.testserver",
            "https://testserver:8443",
            "null",
        ],
    )
    def test_another_origin_is_refused(self, key: SecurityKey, origin: str) -> None:
        key.origin = origin
        assert not self.signed_in(key)

    def test_another_relying_party_is_refused(self, key: SecurityKey) -> None:
        key.rp = "evil.example"
        assert not self.signed_in(key)

    @pytest.mark.parametrize("flags", [VERIFIED, PRESENT, 0], ids=["nobody there", "nobody in particular", "neither"])
    def test_user_verification_is_required(self, key: SecurityKey, flags: int) -> None:
        key.flags = flags
        assert not self.signed_in(key)


class TestSignatureCounter:
    """A signature counter reveals a copied key."""

    def in_by(self, key: SecurityKey, count: int) -> bool:
        client, key.signatures = Client(), count
        client.post(WITH_KEY, {"credential": key.sign(challenge(client))})
        return is_in(client)

    def test_growing_counters_are_accepted(self, key: SecurityKey) -> None:
        assert [self.in_by(key, count) for count in (1, 2, 30)] == [True, True, True]

    @pytest.mark.parametrize("count", [4, 5, 0])
    def test_a_counter_that_did_not_grow_is_refused_and_logged(
        self, key: SecurityKey, count: int, caplog: pytest.LogCaptureFixture
    ) -> None:
        assert self.in_by(key, 5)
        assert not self.in_by(key, count)
        assert "may have been copied" in caplog.text
        assert self.in_by(key, 6)

    def test_the_second_step_compares_counters_too(self, key: SecurityKey) -> None:
        assert self.in_by(key, 5)
        client = Client()
        asked = client.post(LOGIN, {"login": "bob", "password": PASSWORD}).headers["Location"]
        client.post(asked, {"credential": key.sign(options_in(client.get(asked)))})
        assert not is_in(client)


def test_an_unregistered_passkey_is_refused(key: SecurityKey, stage: Stage) -> None:
    stranger, client = SecurityKey(), Client()
    stranger.id, stranger.user_handle = key.id, key.user_handle
    client.post(WITH_KEY, {"credential": stranger.sign(challenge(client))})
    assert not is_in(client)


def test_a_passkey_signs_in_its_owner_only(key: SecurityKey, stage: Stage) -> None:
    client = Client()
    key.user_handle = websafe_encode(user_pk_to_url_str(stage.alice).encode())
    client.post(WITH_KEY, {"credential": key.sign(challenge(client))})
    assert not is_in(client)


def test_a_passkey_from_before_address_verification_is_a_second_factor_only(key: SecurityKey, stage: Stage) -> None:
    identity.end_sessions_and_sign_on(stage.bob)
    client = Client()
    client.post(WITH_KEY, {"credential": key.sign(challenge(client))})
    assert not is_in(client)
    asked = client.post(LOGIN, {"login": "bob", "password": PASSWORD}).headers["Location"]
    client.post(asked, {"credential": key.sign(options_in(client.get(asked)))})
    assert is_in(client)


def test_a_disabled_account_is_refused(key: SecurityKey, stage: Stage) -> None:
    User.objects.filter(pk=stage.bob.pk).update(is_active=False)
    client = Client()
    client.post(WITH_KEY, {"credential": key.sign(challenge(client))})
    assert not is_in(client)


@pytest.mark.parametrize("credential", HOSTILE)
def test_an_invalid_passkey_response_is_an_ordinary_failure(key: SecurityKey, credential: str) -> None:
    client = Client()
    challenge(client)
    assert client.post(WITH_KEY, {"credential": credential}).status_code in {200, 302}


def test_a_broken_passkey_response_is_an_ordinary_failure(key: SecurityKey) -> None:
    client = Client()
    for credential in broken(key.sign(challenge(client))):
        cache.clear()  # the limit of attempts
        assert client.post(WITH_KEY, {"credential": credential}).status_code == 302


def test_an_invalid_or_broken_new_passkey_is_not_saved(stage: Stage) -> None:
    client = Client()
    client.post(LOGIN, {"login": "alice", "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for credential in (*HOSTILE, *broken(SecurityKey().make(options_in(client.get(ADD))))):
        assert client.post(ADD, {"name": "key", "credential": credential}).status_code == 200
    assert not Authenticator.objects.exists()
