"""Sessions: a copied database signs nobody in, strangers fill no table, upgrades sign nobody out."""

import json
import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import signing
from django.test import Client
from django.urls import reverse

from dashboard.accounts import sessions
from dashboard.accounts.session_keys import seal, unseal
from dashboard.accounts.sessions import SessionStore, end_sessions
from dashboard.models import Session
from tests.conftest import PASSWORD, Stage, give_second_factor
from tests.security.addresses import every_address
from tests.security.tables import contents

LOGIN = "/accounts/login/"
CHALLENGE = "/accounts/2fa/webauthn/login/"
COUNTERS = {"shared_cache"}  # rate limits by address; at most MAX_ENTRIES rows


def signed_in(name: str = "bob") -> Client:
    client = Client(HTTP_USER_AGENT="Netscape")
    client.post(LOGIN, {"login": name, "password": PASSWORD})
    return client


def key_of(client: Client) -> str:
    return str(client.cookies["session"].value)


def with_key(key: str) -> Client:
    client = Client()
    client.cookies["session"] = key
    return client


class TestDatabaseCopy:
    def test_no_stored_value_signs_anybody_in(self, stage: Stage) -> None:
        signed_in()
        assert with_key(key_of(signed_in())).get("/teams/acme/").status_code == 200
        for rows in contents().values():
            for value in {cell for row in rows for cell in row if 8 <= len(cell) < 4000 and cell.isascii()}:
                if value.isprintable() and not any(mark in value for mark in ' ";,\\'):
                    assert with_key(value).get("/teams/acme/").status_code == 302, value

    def test_no_session_key_is_stored(self, stage: Stage) -> None:
        key = key_of(signed_in())
        assert key not in json.dumps(contents())

    def test_session_data_is_encrypted(self, stage: Stage) -> None:
        """For example the seed of an authenticator app during its setup."""
        client = signed_in()
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        client.get("/accounts/2fa/totp/activate/")
        seed = client.session["mfa.totp.secret"]
        assert seed not in json.dumps(contents())


class TestAnonymousVisitors:
    @pytest.mark.parametrize("method", ["GET", "POST"])
    @pytest.mark.parametrize("form", [{}, {"Accept": "application/json"}, {"HX-Request": "true"}], ids=str)
    def test_no_address_stores_a_row_for_them(self, stage: Stage, method: str, form: dict[str, str]) -> None:
        before = self.tables()
        typed = {"login": "nobody", "password": "x", "email": "nobody@example.com", "credential": "{}", "code": "1"}
        for address in every_address():
            client = Client(REMOTE_ADDR="192.0.2.1")
            client.get(address, headers=form) if method == "GET" else client.post(address, typed, headers=form)
            assert self.tables() == before, address

    def tables(self) -> dict[str, Any]:
        return {table: rows for table, rows in contents().items() if table not in COUNTERS}

    def test_the_passkey_challenge_is_kept_in_the_browser(self, stage: Stage, client: Client) -> None:
        answer = client.get(CHALLENGE, headers={"Accept": "application/json"}).json()
        challenge = answer["request_options"]["publicKey"]["challenge"]
        assert client.session["mfa.webauthn.state"]["challenge"] == challenge
        assert not Session.objects.exists()

    def test_the_cookie_is_tamper_proof_and_expires(self, stage: Stage, client: Client, settings: Any) -> None:
        client.get(CHALLENGE, headers={"Accept": "application/json"})
        key = key_of(client)
        assert "mfa.webauthn.state" in SessionStore(key).load()
        assert SessionStore(key[:-2] + ("aa" if key[-2:] != "aa" else "bb")).load() == {}
        old = signing.TimestampSigner(salt=sessions.COOKIE_SALT)
        old.timestamp = lambda: signing.b62_encode(int(time.time()) - sessions.COOKIE_AGE - 1)  # type: ignore[method-assign]
        assert SessionStore(old.sign(key.rsplit(":", 2)[0])).load() == {}

    def test_a_signed_cookie_never_authenticates(self, stage: Stage) -> None:
        """Even a signed one: users need a row, which can be deleted."""
        data = {"_auth_user_id": str(stage.bob.pk), "_auth_user_backend": "dashboard.accounts.Backend"}
        data["_auth_user_hash"] = stage.bob.get_session_auth_hash()
        assert with_key(signing.dumps(data, salt=sessions.COOKIE_SALT)).get("/teams/acme/").status_code == 302

    def test_data_too_long_for_a_cookie_is_dropped(self) -> None:
        store = SessionStore()
        store["state"] = {"next": "/" + "".join(f"{number:x}" for number in range(3000))}
        store.save()
        assert len(store.session_key or "") < 100


class TestSignIn:
    def test_signing_in_changes_the_session_key(self, stage: Stage) -> None:
        client = Client()
        client.get(CHALLENGE, headers={"Accept": "application/json"})
        before = key_of(client)
        client.post(LOGIN, {"login": "bob", "password": PASSWORD})
        assert key_of(client) != before
        assert with_key(before).get("/teams/acme/").status_code == 302

    def test_a_half_completed_sign_in_is_a_row_that_can_be_ended(self, stage: Stage) -> None:
        give_second_factor(stage.bob)
        client = signed_in()
        assert Session.objects.get().user == stage.bob
        end_sessions(stage.bob)
        assert client.get("/accounts/2fa/authenticate/").headers["Location"] == LOGIN

    def test_the_list_shows_where_and_since_when(self, stage: Stage) -> None:
        client = signed_in()
        signed_in()
        page = client.get(reverse("usersessions_list")).content.decode()
        assert page.count("Netscape") == 2
        assert page.count("this session") == 1
        assert page.count("127.0.0.1") == 2

    def test_a_new_password_ends_the_other_sessions(self, stage: Stage) -> None:
        here, elsewhere = signed_in(), signed_in()
        new = "another long sentence"
        here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
        assert here.get("/teams/acme/").status_code == 200
        assert elsewhere.get("/teams/acme/").status_code == 302
        assert Session.objects.count() == 1

    def test_signing_out_leaves_no_row(self, stage: Stage) -> None:
        client = signed_in()
        client.post("/accounts/logout/")
        assert not Session.objects.exists()

    def test_saving_the_session_of_a_deleted_user_fails(self, stage: Stage) -> None:
        client = signed_in()
        store = client.session
        store["used"] = 0
        User.objects.filter(pk=stage.bob.pk).delete()
        with pytest.raises(sessions.UpdateError):
            store.save()


def test_session_data_is_decrypted_by_its_own_key_only() -> None:
    sealed = seal({"a": 1}, "k" * 32)
    assert unseal(sealed, "k" * 32) == {"a": 1}
    assert unseal(sealed, "l" * 32) is None
    assert unseal("not sealed at all", "k" * 32) is None


def test_expiry_by_age_keeps_drafts_in_the_browser(as_bob: Client) -> None:
    session = as_bob.session
    session["began"] = 1.0
    session.save()
    answer = as_bob.get("/teams/acme/")
    assert answer.status_code == 302
    assert answer.headers["Clear-Site-Data"] == '"cache"'


HOUR, DAY = 3600, 24 * 3600


@pytest.mark.parametrize(
    ("began", "used", "left"),
    [(0, 0, 8 * HOUR), (HOUR, HOUR, 7 * HOUR), (6 * DAY, 0, 8 * HOUR), (7 * DAY - HOUR, 0, HOUR), (8 * DAY, 0, 0)],
    ids=["new", "unused", "old", "at-its-end", "over"],
)
def test_a_session_lasts_eight_hours_idle_and_seven_days_at_most(began: int, used: int, left: int) -> None:
    """`began` and `used`: seconds ago."""
    store, now = SessionStore(), 1_800_000_000.0
    store._session_cache = {sessions.BEGAN: now - began, sessions.USED: now - used}
    assert sessions.seconds_left(store, now) == left


def test_a_use_noted_by_a_clock_ahead_of_ours_prolongs_nothing(as_bob: Client) -> None:
    session = as_bob.session
    session["used"] = time.time() + 2 * HOUR
    session.save()
    assert int(as_bob.get("/accounts/session/").headers["X-Session-Left"]) <= 8 * HOUR


def test_an_anonymous_visitor_has_no_session_to_end() -> None:
    assert sessions.seconds_left(SessionStore(), 1_800_000_000.0) == 0


def test_every_response_reports_the_remaining_session_time(as_bob: Client) -> None:
    session = as_bob.session
    session["used"] = time.time() - 7 * HOUR
    session.save()
    assert 7.9 * HOUR < int(as_bob.get("/accounts/session/").headers["X-Session-Left"]) <= 8 * HOUR
    assert "data-left=" in as_bob.get("/help/").content.decode()
    as_bob.post("/accounts/logout/")
    answer = as_bob.get("/accounts/login/")
    assert "X-Session-Left" not in answer.headers
    assert b"session.js" not in answer.content
