"""Codes work once, and wrong passwords count in every form."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.core.cache import cache
from django.test import Client

from dashboard.accounts.forms import LAST_COUNTER
from tests.conftest import PASSWORD, Stage, give_second_factor

LOGIN, CODE, CHANGE = "/accounts/login/", "/accounts/2fa/authenticate/", "/accounts/password/change/"


def code_of(authenticator: Authenticator) -> str:
    """The app's current code."""
    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(decrypt(authenticator.data["secret"]), counters[len(counters) // 2]))


@pytest.fixture
def app(stage: Stage) -> Authenticator:
    give_second_factor(stage.bob)
    found: Authenticator = Authenticator.objects.get(user=stage.bob)
    return found


def sign_in(code: str) -> bool:
    client = Client()
    client.post(LOGIN, {"login": "bob", "password": PASSWORD})
    client.post(CODE, {"code": code})
    return client.get("/help/").status_code == 200


def test_a_code_works_once_even_after_the_cache_is_cleared(app: Authenticator) -> None:
    code = code_of(app)
    assert sign_in(code)
    cache.clear()
    assert not sign_in(code)


def test_the_time_step_of_the_last_code_is_stored(app: Authenticator) -> None:
    assert sign_in(code_of(app))
    app.refresh_from_db()
    assert app.data[LAST_COUNTER] in set(yield_hotp_counters_from_time())


def test_a_wrong_code_uses_nothing_up(app: Authenticator) -> None:
    assert not sign_in("000000" if code_of(app) != "000000" else "000001")
    app.refresh_from_db()
    assert LAST_COUNTER not in app.data


def test_a_wrong_old_password_changes_nothing(as_alice: Client, stage: Stage) -> None:
    new = "a long and unusual sentence"
    as_alice.post(CHANGE, {"oldpassword": "wrong", "password1": new, "password2": new})
    stage.alice.refresh_from_db()
    assert stage.alice.check_password(PASSWORD)
    as_alice.post(CHANGE, {"oldpassword": PASSWORD, "password1": new, "password2": new})
    stage.alice.refresh_from_db()
    assert stage.alice.check_password(new)


def test_sign_in_fields_have_autocomplete_hints(client: Client, db: None) -> None:
    page = client.get(LOGIN).content.decode()
    assert "User name or e-mail" in page
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert "placeholder" not in re.findall(r'<input[^>]*name="login"[^>]*>', page)[0]
    described = set(re.findall(r'aria-describedby="([^"]+)"', page))
    assert described <= set(re.findall(r' id="([^"]+)"', page))


def test_a_failed_sign_in_is_announced_marked_and_focused(client: Client, stage: Stage) -> None:
    page = client.post(LOGIN, {"login": "alice", "password": "wrong"}).content.decode()
    assert '<div id="sign-in-errors" class="errors" role="alert" tabindex="-1" autofocus>' in page
    for name in ("login", "password"):
        (field,) = re.findall(rf'<input[^>]*name="{name}"[^>]*>', page)
        assert 'aria-invalid="true"' in field
        assert 'aria-describedby="sign-in-errors"' in field


def test_the_login_page_says_you_continue_to_the_requested_page(client: Client, db: None) -> None:
    told = "After signing in you go on to the page you asked for."
    assert told in client.get("/help/", follow=True).content.decode()
    assert told not in client.get(LOGIN).content.decode()
