"""Signing in and staying signed in: responses, redirects, rate limits, and the end of a session."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client

from jobs.management.commands.rotate_tokens import Command
from tests.conftest import PASSWORD, Stage
from tests.mail_server import send_to

LOGIN, RESET, CODE = "/accounts/login/", "/accounts/password/reset/", "/accounts/reauthenticate/code/"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
HOST = "evil.example"
SCHEMES = ("//", "///", "////", "http://", "https://", "ftp://", "http:", "https:", "HTTP://")
SLASHES = ("\\\\", "\\/", "/\\", "\\\\/", "/\\/", "\\/\\", "http:\\\\", "http:/\\", "http:\\")
SCRIPTS = ("javascript:alert(1)", "\tjavascript:x", "java\nscript:x", "JaVaScRiPt:x", "data:text/html,x", "vbscript:x")
BROKEN = (
    "http:999999999",
    "http://[::1",
    "http://::1]/",
    "//%65vil.example",
    "//éxample.com",
    "https://" + "x" * 3000,
)
ELSEWHERE = [
    *(f"{start}{HOST}/" for start in (*SCHEMES, *SLASHES)),
    *(f"http://{name}@{HOST}" for name in ("testserver", "testserver:80", "testserver\\", "testserver/\\")),
    *(f"{blank}//{HOST}" for blank in ("\t", "\n", "\r\n", " ", "\x08", "\x00")),
    *SCRIPTS,
    *BROKEN,
]  # fmt: skip


@pytest.mark.parametrize("target", ELSEWHERE, ids=lambda target: ascii(target)[:40])
def test_sign_in_redirects_to_our_own_pages_only(stage: Stage, client: Client, target: str) -> None:
    answer = client.post(LOGIN, {"login": "bob", "password": PASSWORD, "next": target})
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https://evil.example/"])
@pytest.mark.parametrize("address", ["/accounts/reauthenticate/", "/accounts/logout/"])
def test_other_redirects_lead_to_our_own_pages_only(as_bob: Client, address: str, target: str) -> None:
    answer = as_bob.post(f"{address}?next={target}", {"password": PASSWORD, "next": target})
    assert answer.status_code == 302
    assert HOST not in answer.headers["Location"]


def refusals(stage: Stage) -> dict[str, tuple[str, str]]:
    """Refused sign-ins: the reason, and the form."""
    User.objects.filter(pk=stage.charlie.pk).update(is_active=False)
    stage.alice.set_unusable_password()
    stage.alice.save()
    return {
        "unknown": ("nobody", PASSWORD),
        "wrong password": ("bob", "not the password"),
        "disabled": ("charlie", PASSWORD),
        "no password": ("alice", PASSWORD),
    }


def test_a_refused_sign_in_does_not_say_why(stage: Stage) -> None:
    said = {}
    for why, (login, password) in refusals(stage).items():
        answer = Client().post(LOGIN, {"login": login, "password": password})
        page = re.sub(rf'value="[^"]*"|{login}'.encode(), b"", answer.content)
        said[why] = (answer.status_code, page, answer.headers.get("Location"))
    assert len(set(said.values())) == 1, {why: answer[::2] for why, answer in said.items()}


def test_refusal_time_does_not_reveal_the_reason(stage: Stage) -> None:
    """Hashing takes the time, and each attempt has the same number of hashes."""
    given = refusals(stage)
    hashes = {}
    for why, (login, password) in given.items():
        with counted() as count:
            Client().post(LOGIN, {"login": login, "password": password})
        hashes[why] = len(count)
    assert len(set(hashes.values())) == 1, hashes


@contextmanager
def counted() -> Iterator[list[str]]:
    """Records the passwords that are hashed."""
    hashed: list[str] = []
    hash_it = MD5PasswordHasher.encode

    def encode(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return hash_it(self, password, salt)

    with patch.object(MD5PasswordHasher, "encode", encode):
        yield hashed


def test_ten_wrong_passwords_lock_an_account_for_guessing(stage: Stage) -> None:
    for _ in range(10):
        Client().post(LOGIN, {"login": "bob", "password": "not the password"})
    with counted() as count:
        client = Client()
        client.post(LOGIN, {"login": "bob", "password": PASSWORD})
    assert client.get("/teams/acme/").status_code == 302
    assert count == []


def test_guessing_over_many_accounts_is_limited(stage: Stage) -> None:
    for number in range(20):
        Client().post(LOGIN, {"login": f"guess{number}", "password": "not the password"})
    client = Client()
    client.post(LOGIN, {"login": "bob", "password": PASSWORD})
    assert client.get("/teams/acme/").status_code == 302


class TestForgottenPassword:
    def test_the_response_does_not_reveal_an_account(self, stage: Stage, settings: Any) -> None:
        answers = [Client().post(RESET, {"email": f"{name}@example.com"}) for name in ("bob", "nobody")]
        pages = {re.sub(rb'(name="csrfmiddlewaretoken" value=)"\w+"', rb"\1", answer.content) for answer in answers}
        assert len(pages) == len({(answer.status_code, answer.headers.get("Location")) for answer in answers}) == 1

    def test_without_a_mail_server_the_page_says_so(self, stage: Stage, client: Client) -> None:
        assert b"does not send mail" in client.get(RESET).content
        assert client.post(RESET, {"email": "bob@example.com"}).status_code == 200
        assert mail.outbox == []


class TestWithMail:
    @pytest.fixture(autouse=True)
    def _mail(self, settings: Any) -> None:
        settings.ROOT_URLCONF = "tests.security.with_mail"

    def link(self, client: Client) -> str:
        client.post(RESET, {"email": "bob@example.com"})
        found = re.search(r"http://testserver(/\S+)", str(mail.outbox[-1].body))
        assert found
        return found[1]

    def test_a_failing_mail_server_gives_the_same_response(self, stage: Stage, settings: Any) -> None:
        send_to(settings, 9)
        answers = [Client().post(RESET, {"email": f"{name}@example.com"}) for name in ("bob", "nobody")]
        assert {answer.status_code for answer in answers} == {302}

    def test_a_link_works_once_and_signs_nobody_in(self, stage: Stage, client: Client) -> None:
        link = self.link(client)
        form = client.get(link).headers["Location"]
        new = {"password1": "another long sentence", "password2": "another long sentence"}
        client.post(form, new)
        assert client.get("/teams/acme/").status_code == 302
        assert stage_password(stage.bob, "another long sentence")
        assert b"password1" not in Client().get(link, follow=True).content

    def test_a_new_password_does_not_replace_the_second_factor(self, stage: Stage, client: Client) -> None:
        TOTP.activate(stage.bob, SEED)
        form = client.get(self.link(client)).headers["Location"]
        client.post(form, {"password1": "another long sentence", "password2": "another long sentence"})
        signed = client.post(LOGIN, {"login": "bob", "password": "another long sentence"})
        assert signed.headers["Location"].startswith("/accounts/2fa/authenticate/")
        assert client.get("/teams/acme/").status_code == 302

    def test_a_link_is_valid_for_an_hour(self, stage: Stage, client: Client, settings: Any) -> None:
        assert settings.PASSWORD_RESET_TIMEOUT == 3600
        link = self.link(client)
        settings.PASSWORD_RESET_TIMEOUT = -1
        assert b"password1" not in client.get(link, follow=True).content


def stage_password(user: User, password: str) -> bool:
    return User.objects.get(pk=user.pk).check_password(password)


def code(seed: str = SEED) -> str:
    return format_hotp_value(hotp_value(seed, next(iter(yield_hotp_counters_from_time()))))


class TestSecondFactor:
    def test_it_is_set_up_without_a_verified_address(self, stage: Stage, client: Client) -> None:
        client.post(LOGIN, {"login": "bob", "password": PASSWORD})
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        page = client.get("/accounts/2fa/totp/activate/")
        assert page.status_code == 200
        assert b'name="code"' in page.content

    def test_totp_seeds_are_not_stored_in_clear(self, stage: Stage) -> None:
        TOTP.activate(stage.bob, SEED)
        assert SEED not in str(Authenticator.objects.values_list("data", flat=True))

    def test_a_password_alone_is_not_enough_and_a_code_works_once(self, stage: Stage) -> None:
        TOTP.activate(stage.bob, SEED)
        answers, typed = [], code()
        for _ in range(2):
            client = Client()
            client.post(LOGIN, {"login": "bob", "password": PASSWORD})
            assert client.get("/teams/acme/").status_code == 302
            client.post("/accounts/2fa/authenticate/", {"code": typed})
            answers.append(client.get("/teams/acme/").status_code)
        assert answers == [200, 302]

    def test_seeds_rotate_to_a_new_key_and_without_one_accept_no_code(self, stage: Stage, settings: Any) -> None:
        TOTP.activate(stage.bob, SEED)
        old = settings.TOKEN_ENCRYPTION_KEYS
        new = "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldy0="
        settings.TOKEN_ENCRYPTION_KEYS = [new, *old]
        Command().handle()
        settings.TOKEN_ENCRYPTION_KEYS = [new]
        assert TOTP(Authenticator.objects.get()).validate_code(code())
        settings.TOKEN_ENCRYPTION_KEYS = old
        assert not TOTP(Authenticator.objects.get()).validate_code(code())


class TestAccount:
    def test_the_address_is_changed_only_soon_after_the_password(self, as_bob: Client, stage: Stage) -> None:
        as_bob.post("/accounts/email/", {"action_add": "", "email": "thief@example.com"})
        assert not EmailAddress.objects.filter(email="thief@example.com").exists()

    def test_signing_out_elsewhere_ends_only_the_other_sessions(self, stage: Stage) -> None:
        here, elsewhere = Client(), Client()
        for each in (here, elsewhere):
            each.post(LOGIN, {"login": "bob", "password": PASSWORD})
            assert each.get("/teams/acme/").status_code == 200
        here.post("/accounts/sessions/")
        assert here.get("/teams/acme/").status_code == 200
        assert elsewhere.get("/teams/acme/").status_code == 302


class TestAfterSessionEnd:
    PAGE = "http://testserver/teams/acme/jobs/?workflow=x"

    @pytest.mark.parametrize(
        ("method", "address"),
        [("GET", "/watch/?team=acme"), ("POST", "/teams/acme/jobs/0198c0de-0000-7000-8000-000000000001/pin/")],
    )
    def test_a_fragment_leads_back_to_its_page(self, stage: Stage, client: Client, method: str, address: str) -> None:
        answer = client.generic(method, address, headers={"HX-Request": "true", "HX-Current-URL": self.PAGE})
        assert answer.headers["HX-Redirect"] == "/accounts/login/?next=/teams/acme/jobs/%3Fworkflow%3Dx"

    def test_a_form_leads_back_to_its_page(self, stage: Stage, client: Client) -> None:
        answer = client.post("/teams/acme/settings/members/", headers={"Referer": self.PAGE})
        assert answer.headers["Location"] == "/accounts/login/?next=/teams/acme/jobs/%3Fworkflow%3Dx"

    @pytest.mark.parametrize("said", ["https://evil.example/", "//evil.example/", "javascript:x", ""])
    def test_a_forged_current_url_redirects_nowhere_else(self, stage: Stage, client: Client, said: str) -> None:
        answer = client.get("/watch/", headers={"HX-Request": "true", "HX-Current-URL": said})
        assert answer.headers["HX-Redirect"] == "/accounts/login/?next=/"


def test_a_mailbox_does_not_replace_the_password(stage: Stage, client: Client) -> None:
    """allauth would mail a code to any signed-in person."""
    EmailAddress.objects.create(user=stage.bob, email=stage.bob.email, verified=True, primary=True)
    client.force_login(stage.bob)
    for answer in (client.get(CODE), client.post(CODE, {"email": stage.bob.email})):
        assert answer.status_code == 403
    assert mail.outbox == []
