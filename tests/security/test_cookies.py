"""The cookies of an installation with TLS: no other site, script or plain connection gets them."""

import json
import re
from typing import Any

import pytest

from tests.dashboard.accounts.test_sso import MIGRATE, started

pytestmark = pytest.mark.processes

VISIT = """
import json
from django.contrib.auth.models import User
from django.test import Client
User.objects.create_user("bob", "", "correct horse battery")
browser, said = Client(headers={"host": "jobs.example.com"}), []
def ask(method, path, **typed):
    answer = getattr(browser, method)(path, typed, secure=True)
    said.extend(cookie.OutputString() for cookie in answer.cookies.values())
ask("get", "/accounts/login/")
ask("post", "/accounts/login/", login="bob", password="correct horse battery")
ask("get", "/")
ask("get", "/accounts/2fa/")
new = "another long sentence"
ask("post", "/accounts/password/change/", oldpassword="correct horse battery", password1=new, password2=new)
ask("post", "/accounts/logout/")
ask("get", "/accounts/login/")
print("said", json.dumps(said))
"""


@pytest.fixture(scope="module")
def cookies(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The cookies of a whole visit, with production settings in a separate process."""
    done = started(tmp_path_factory.mktemp("cookies"), MIGRATE + VISIT)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.rpartition("said ")[2])


def test_there_are_three_cookies(cookies: list[str]) -> None:
    assert {cookie.partition("=")[0] for cookie in cookies} == {"__Host-session", "__Host-csrf", "__Host-messages"}


@pytest.mark.parametrize("attribute", ["Secure", "Path=/", "SameSite=Lax"])
def test_each_cookie_is_host_only_and_secure(cookies: list[str], attribute: str) -> None:
    for cookie in cookies:
        assert attribute in cookie.split("; ")
        assert "domain" not in cookie.lower()


def test_every_cookie_is_httponly(cookies: list[str]) -> None:
    given = [cookie for cookie in cookies if "Max-Age=0" not in cookie]
    assert len(given) > 4
    assert all("HttpOnly" in cookie for cookie in given)


def test_the_session_cookie_ends_with_the_browser_and_at_sign_out(cookies: list[str]) -> None:
    first, *_, last = [cookie for cookie in cookies if cookie.startswith("__Host-session=")]
    assert not re.search("expires|max-age", first, re.IGNORECASE)
    assert "Max-Age=0" in last
