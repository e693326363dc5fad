"""Rate limits count per account, person and IP address, however a request is sent."""

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test import Client

from tests.conftest import PASSWORD, Stage, give_second_factor
from tests.security.test_sign_in import LOGIN, SEED, code, counted

CHANGE = "/accounts/password/change/"
NEW = "another long sentence"


def is_in(client: Client) -> bool:
    return client.get("/teams/acme/").status_code == 200


def guess(login: str, number: int, **where: Any) -> None:
    """An attempt from a separate address, so that no other limit applies."""
    client = Client(REMOTE_ADDR=f"192.0.2.{number}")
    client.post(LOGIN, {"login": login, "password": "not the password"}, **where)


def is_closed(login: str) -> bool:
    """Whether even the correct password is refused."""
    client = Client(REMOTE_ADDR="198.51.100.1")
    client.post(LOGIN, {"login": login, "password": PASSWORD})
    return not is_in(client)


def test_ipv4_clients_are_told_apart_on_an_ipv6_listener(stage: Stage) -> None:
    """As IPv6 all their addresses are in one network, so one client would block everybody."""
    for number in range(20):
        typed = {"login": f"nobody{number}", "password": "not the password"}
        Client(REMOTE_ADDR="::ffff:192.0.2.1").post(LOGIN, typed)
    client = Client(REMOTE_ADDR="::ffff:198.51.100.1")
    client.post(LOGIN, {"login": "bob", "password": PASSWORD})
    assert is_in(client)


class TestAccount:
    def test_another_port_gives_no_extra_attempts(self, stage: Stage) -> None:
        for number in range(10):
            guess("bob", number, headers={"Host": f"testserver:{8000 + number}"})
        assert is_closed("bob")

    def test_another_spelling_gives_no_extra_attempts(self, stage: Stage) -> None:
        for number, name in enumerate(["bob", "BOB", "Bob", "ｂｏｂ", " bob ", "bOb", "boB", "BOb", "ＢＯＢ", "bob"]):
            guess(name, number)
        assert is_closed("bob")

    def test_the_email_address_gives_no_extra_attempts(self, stage: Stage) -> None:
        EmailAddress.objects.create(user=stage.bob, email="bob@example.com", verified=True)
        for number in range(10):
            guess(("bob", "bob@example.com", "BOB@example.com")[number % 3], number)
        assert is_closed("bob")
        assert is_closed("bob@example.com")

    def test_another_password_form_gives_no_extra_attempts(self, stage: Stage) -> None:
        """Somebody at an unattended browser: the limit of the sign-in applies."""
        client = Client()
        client.post(LOGIN, {"login": "bob", "password": PASSWORD})
        for number in range(5):
            guess("bob", number)
            client.post(CHANGE, {"oldpassword": f"guess {number}", "password1": NEW, "password2": NEW})
        client.post(CHANGE, {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
        assert User.objects.get(pk=stage.bob.pk).check_password(PASSWORD)
        page = client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        assert "Too many failed login attempts" in page.content.decode()

    def test_the_password_owner_can_change_it(self, stage: Stage) -> None:
        client = Client()
        client.post(LOGIN, {"login": "bob", "password": PASSWORD})
        client.post(CHANGE, {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
        assert User.objects.get(pk=stage.bob.pk).check_password(NEW)

    def test_passwords_are_changed_twenty_times_an_hour_at_most(self, stage: Stage, settings: Any) -> None:
        assert settings.ACCOUNT_RATE_LIMITS["change_password"] == "5/m/user,20/h/user"
        settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"change_password": "99/m/user,20/h/user"}
        client = Client()
        client.post(LOGIN, {"login": "bob", "password": PASSWORD})
        assert [client.post(CHANGE, {}).status_code for _ in range(21)] == [200] * 20 + [429]


class TestClientAddress:
    def test_a_correct_second_factor_does_not_reset_the_limit(self, stage: Stage) -> None:
        """Otherwise an account holder could guess others' passwords without limit."""
        TOTP.activate(stage.charlie, SEED)
        for number in range(19):
            Client().post(LOGIN, {"login": f"guess{number}", "password": "wrong"})
        own = Client()
        own.post(LOGIN, {"login": "charlie", "password": PASSWORD})
        assert own.post("/accounts/2fa/authenticate/", {"code": code()}).headers["Location"] == "/"
        Client().post(LOGIN, {"login": "guess20", "password": "wrong"})
        client = Client()
        client.post(LOGIN, {"login": "bob", "password": PASSWORD})
        assert not is_in(client)

    def test_a_limited_address_locks_no_account(self, stage: Stage) -> None:
        for number in range(20):
            Client().post(LOGIN, {"login": f"guess{number}", "password": "wrong"})
        for _ in range(9):
            Client().post(LOGIN, {"login": "bob", "password": "wrong"})
        assert not is_closed("bob")

    def test_correct_passwords_use_up_nothing(self, stage: Stage) -> None:
        for _ in range(25):
            client = Client()
            client.post(LOGIN, {"login": "bob", "password": PASSWORD})
        assert is_in(client)


def test_codes_are_limited_to_ten_attempts_an_hour(stage: Stage) -> None:
    give_second_factor(stage.bob)
    client = Client()
    client.post(LOGIN, {"login": "bob", "password": PASSWORD})
    pages = [client.post("/accounts/2fa/authenticate/", {"code": "000000"}).content.decode() for _ in range(11)]
    assert "Too many failed login attempts" not in pages[9]
    assert "Too many failed login attempts" in pages[10]


class TestTime:
    """Hashing takes the time: one hash per attempt, for any account."""

    @pytest.mark.parametrize("password", [PASSWORD, "not the password"])
    def test_sign_in_time_does_not_reveal_accounts(self, stage: Stage, password: str) -> None:
        EmailAddress.objects.create(user=stage.alice, email="alice@example.com", verified=True)
        for user in (stage.bob, stage.charlie):  # both claim the address
            EmailAddress.objects.create(user=user, email="claimed@example.com")
        without = User.objects.create_user("dora", "dora@example.com")
        EmailAddress.objects.create(user=without, email="dora@example.com", verified=True)
        User.objects.create_user("eve", "eve@example.com", PASSWORD, is_active=False)
        logins = ["alice", "alice@example.com", "dora", "dora@example.com", "eve", "nobody", "nobody@example.com"]
        logins += ["claimed@example.com", "bob@example.com", "@", "a" * 500]
        hashes = {}
        for login in logins:
            with counted() as count:
                Client(REMOTE_ADDR="192.0.2.1").post(LOGIN, {"login": login, "password": password})
            hashes[login] = len(count)
        assert set(hashes.values()) == {1}, hashes


class TestTotpCode:
    """Codes of an authenticator app, and recovery codes."""

    def counter(self) -> int:
        return int(time.time()) // 30

    def at(self, counter: int) -> str:
        return format_hotp_value(hotp_value(SEED, counter))

    def give(self, code: str) -> bool:
        client = Client()
        client.post(LOGIN, {"login": "bob", "password": PASSWORD})
        client.post("/accounts/2fa/authenticate/", {"code": code})
        return is_in(client)

    def test_a_code_may_be_half_a_minute_early_and_no_more(self, stage: Stage) -> None:
        TOTP.activate(stage.bob, SEED)
        now = self.counter()
        assert not self.give(self.at(now + 4))
        code = self.at(now + 1)
        assert self.give(f"{code[:3]} {code[3:]}")

    def test_a_code_works_once_even_after_the_cache_is_cleared(self, stage: Stage) -> None:
        TOTP.activate(stage.bob, SEED)
        later = self.at(self.counter() + 1)
        assert self.give(later)
        cache.clear()
        assert not self.give(later)

    def test_an_earlier_code_is_refused_after_a_later_one(self, stage: Stage) -> None:
        """As after the clock was set back."""
        TOTP.activate(stage.bob, SEED)
        now = self.counter()
        assert self.give(self.at(now + 1))
        assert not self.give(self.at(now))

    @pytest.mark.parametrize("kind", ["app", "recovery"])
    def test_one_code_used_twice_concurrently_works_once(self, stage: Stage, kind: str) -> None:
        TOTP.activate(stage.bob, SEED)
        recovery = RecoveryCodes.activate(stage.bob).generate_codes()[0]
        code = recovery if kind == "recovery" else self.at(self.counter() + 1)
        clients = [Client() for _ in range(4)]
        for client in clients:
            client.post(LOGIN, {"login": "bob", "password": PASSWORD})
        with ThreadPoolExecutor(4) as browsers:
            list(browsers.map(partial(self.post, code=code), clients))
        assert sum(map(is_in, clients)) == 1

    def post(self, client: Client, code: str) -> None:
        client.post("/accounts/2fa/authenticate/", {"code": code})
        connection.close()

    def test_wrong_codes_are_counted(self, stage: Stage) -> None:
        """Although a refused form stores nothing else."""
        TOTP.activate(stage.bob, SEED)
        for _ in range(10):
            self.give("000000")
        assert not self.give(self.at(self.counter() + 1))
