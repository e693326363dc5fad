"""Signing in: redirects, what counts as an attempt, and what outsiders cannot find out."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client, RequestFactory

from dashboard.accounts.adapters import AccountAdapter, Backend, SecondFactorAdapter, _account_of
from jobs import encryption
from tests.conftest import PASSWORD, Stage
from tests.mail_server import send_to

RESET = "/accounts/password/reset/"
adapter = AccountAdapter()


@pytest.mark.parametrize("url", ["/", "/teams/acme/", "/teams/acme/?q=1#step-2"])
def test_sign_in_may_redirect_to_our_own_paths(url: str) -> None:
    assert adapter.is_safe_url(url)


@pytest.mark.parametrize(
    "url",
    [None, "", "teams", "//evil.example", "/\\evil.example", "https://testserver/", "javascript:alert(1)"],
)
def test_sign_in_redirects_nowhere_else(url: str | None) -> None:
    assert not adapter.is_safe_url(url)


def test_nobody_can_sign_up() -> None:
    assert not adapter.is_open_for_signup(RequestFactory().get("/"))


def test_wrong_passwords_count_per_account_under_any_spelling(stage: Stage) -> None:
    EmailAddress.objects.create(user=stage.bob, email="bob@example.com", verified=True, primary=True)
    assert _account_of("bob") == _account_of("BOB") == _account_of("bob@example.com") == f"account:{stage.bob.pk}"
    assert _account_of("nobody") == _account_of("NOBODY") != _account_of("bob")


def test_a_password_opens_only_its_own_account(stage: Stage) -> None:
    backend, request = Backend(), RequestFactory().post("/")
    assert backend.authenticate(request, username="Bob", password=PASSWORD) == stage.bob
    for username, password in (("bob", "wrong"), ("nobody", PASSWORD), ("bob", ""), ("", PASSWORD)):
        assert backend.authenticate(request, username=username, password=password) is None


def test_a_disabled_account_cannot_sign_in(stage: Stage) -> None:
    assert Backend().get_user(stage.bob.pk) == stage.bob
    stage.bob.is_active = False
    stage.bob.save()
    assert Backend().get_user(stage.bob.pk) is None
    assert Backend().get_user(0) is None


def test_totp_seeds_are_encrypted() -> None:
    factors = SecondFactorAdapter()
    sealed = factors.encrypt("JBSWY3DPEHPK3PXP")
    assert "JBSWY3DPEHPK3PXP" not in sealed
    assert factors.decrypt(sealed) == "JBSWY3DPEHPK3PXP"
    assert factors.decrypt("of-a-version-that-did-not-seal") == "of-a-version-that-did-not-seal"


def test_an_undecryptable_totp_seed_accepts_no_code(caplog: pytest.LogCaptureFixture) -> None:
    factors = SecondFactorAdapter()
    first, second = factors.decrypt("1.0.lost"), factors.decrypt("1.0.lost")
    assert first != second
    assert len(first) == 32
    assert "cannot be opened" in caplog.text
    assert encryption.SECOND_FACTOR not in first


@pytest.mark.urls("tests.security.with_mail")
def test_mails_link_to_and_name_the_public_origin(stage: Stage, settings: Any) -> None:
    settings.PUBLIC_ORIGIN = "https://jobs.example.com"
    EmailAddress.objects.create(user=stage.bob, email="bob@example.com", verified=True, primary=True)
    Client(HTTP_HOST="testserver:99").post(RESET, {"email": "bob@example.com"})
    (sent,) = mail.outbox
    assert sent.subject.startswith("[jobs.example.com] ")
    assert "https://jobs.example.com/accounts/" in sent.body
    assert "testserver" not in sent.body


@pytest.mark.urls("tests.security.with_mail")
def test_a_failing_mail_server_does_not_reveal_whether_an_account_exists(
    stage: Stage, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    EmailAddress.objects.create(user=stage.bob, email="bob@example.com", verified=True, primary=True)
    send_to(settings, 9)
    answers = [Client().post(RESET, {"email": address}) for address in ("bob@example.com", "x@example.com")]
    assert len({(answer.status_code, answer.headers["Location"]) for answer in answers}) == 1


def test_all_clients_behind_a_socket_share_one_address() -> None:
    assert adapter.get_client_ip(RequestFactory().get("/", REMOTE_ADDR="")) == "0.0.0.0"
    assert adapter.get_client_ip(RequestFactory().get("/", REMOTE_ADDR="203.0.113.7")) == "203.0.113.7"


def test_extending_a_session_returns_a_token_for_open_forms(stage: Stage) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(stage.bob)
    token = browser.get("/accounts/session/").content.decode()
    assert browser.post("/accounts/logout/", {"csrfmiddlewaretoken": token}).headers["Location"] == "/accounts/login/"
