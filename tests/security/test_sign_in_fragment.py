"""A link's fragment ("#event-…") is restored after each way of signing in.

No server sees it. static/js/sign_in_fragment.js stores it in the tab, with the page that the sign-in's address has as
`next`; on that page static/js/session.js restores it. tests/browser has the browser's part.
"""

import re
from html import unescape
from typing import Any

import pytest
import requests
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from tests.conftest import PASSWORD, Stage
from tests.dashboard.accounts.test_sso import provider  # noqa: F401  (a fixture)
from tests.openid_provider import Provider
from tests.security.test_sign_in import SEED, code

ASKED = "/teams/acme/jobs/01a11047-ac1d-7cbd-bd88-1eda61db0f49/"
LOGIN = f"/accounts/login/?next={ASKED}"
KEEPS = re.compile(r'<script src="[^"]*js/sign_in_fragment[^"]*" defer>')


@pytest.mark.django_db
def test_the_sign_in_keeps_it_for_the_page_that_was_asked_for(client: Client) -> None:
    assert client.get(ASKED).headers["Location"] == LOGIN
    assert KEEPS.search(client.get(LOGIN).content.decode())


def test_a_password_leads_to_that_page(client: Client, stage: Stage) -> None:
    assert _password(client, stage) == ASKED


def test_a_second_factor_leads_to_that_page(client: Client, stage: Stage) -> None:
    TOTP.activate(stage.alice, SEED)
    asked_for_code = _password(client, stage)
    assert asked_for_code.startswith("/accounts/2fa/authenticate/")
    assert client.post(asked_for_code, {"code": code()}).headers["Location"] == ASKED


def test_single_sign_on_leads_to_that_page(client: Client, provider: Provider) -> None:  # noqa: F811
    page = client.get(LOGIN).content.decode()
    button = unescape(re.findall(r'action="(/accounts/oidc/[^"]*)"', page)[0])
    away = requests.get(client.post(button).headers["Location"], allow_redirects=False, timeout=10)
    back = away.headers["Location"].removeprefix("http://testserver")
    assert client.get(back).headers["Location"] == ASKED


def _password(client: Client, stage: Stage) -> Any:
    page = client.get(LOGIN).content.decode()
    asked = unescape(re.findall(r'name="next" value="([^"]*)"', page)[0])
    typed = {"login": stage.alice.username, "password": PASSWORD, "next": asked}
    return client.post("/accounts/login/", typed).headers["Location"]
