"""Single sign-on against providers on loopback: who comes in, who does not, and that nobody takes an account over.

The whole way is gone with allauth's own provider, a process of its own (tests/identity); what no sound provider would
say is said by one written for it (tests/provider.py).
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.contrib.auth.models import User
from django.test import Client

from dashboard import environment
from jobs.models import Membership, Team
from tests.conftest import PASSWORD, Stage, give_second_factor
from tests.identity import CLIENT, REDIRECT, SECRET, Identity
from tests.provider import Provider
from tests.test_checks import SOUND

ROOT = Path(__file__).parent.parent
LOGIN = "/accounts/oidc/sso/login/"
DORA = {"sub": "d-1", "email": "dora@example.com", "email_verified": True, "preferred_username": "dora", "groups": []}


@pytest.fixture
def provider(settings: Any, transactional_db: None) -> Iterator[Provider]:
    with Provider() as provider:
        trust(provider.url, settings)
        provider.claims = dict(DORA)
        yield provider


@pytest.fixture(scope="module")
def one_identity() -> Iterator[Identity]:
    with Identity() as identity:
        yield identity


@pytest.fixture
def identity(one_identity: Identity, settings: Any, transactional_db: None) -> Identity:
    trust(one_identity.url, settings)
    return one_identity


def trust(url: str, settings: Any) -> None:
    """What the environment of an installation would say."""
    given = {
        "SERVER_URL": url,
        "CLIENT_ID": CLIENT,
        "CLIENT_SECRET": SECRET,
        "NAME": "Acme ID",
        "DOMAINS": "example.com",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in given.items():
            patch.setenv(f"OIDC_{name}", value)
        apps = environment.single_sign_on(http_allowed=True)
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": apps}}
    settings.OIDC_DOMAINS, settings.OIDC_GROUPS = {"example.com"}, set()


def sent_back(client: Client, browser: Any = requests) -> str:
    """Where the provider sends a browser to whom we have sent there."""
    away = client.post(LOGIN)
    answer = browser.get(away.headers["Location"], allow_redirects=False, timeout=10)
    return str(answer.headers["Location"])


def sign_in(client: Client, browser: Any = requests, **changed: str) -> Any:
    """As a browser does it: from us to the provider, and back with what it gave."""
    address = urlsplit(sent_back(client, browser))
    query = address.query
    for name, value in changed.items():
        query = "&".join(f"{name}={value}" if part.startswith(f"{name}=") else part for part in query.split("&"))
    return client.get(f"{address.path}?{query}")


class TestTheWholeWay:
    def test_somebody_of_an_allowed_domain_comes_in(self, identity: Identity, client: Client) -> None:
        assert sign_in(client, identity.signed_in("dora@example.com")).headers["Location"] == "/"
        assert User.objects.get(email="dora@example.com").username == "dora"
        assert b"You are not in a team yet" in client.get("/").content

    def test_coming_again_makes_no_second_account(self, identity: Identity) -> None:
        browser = identity.signed_in("dora@example.com")
        for _ in range(2):
            assert sign_in(Client(), browser).headers["Location"] == "/"
        assert User.objects.count() == 1

    @pytest.mark.parametrize("email", ["erin@example.com", "fred@elsewhere.example"])
    def test_an_address_that_is_unproven_or_of_elsewhere_lets_nobody_in(
        self, identity: Identity, client: Client, email: str
    ) -> None:
        answer = sign_in(client, identity.signed_in(email))
        assert answer.status_code == 403
        assert b"Not let in" in answer.content
        assert not User.objects.exists()

    def test_whoever_is_not_signed_in_there_is_asked_for_the_password_there(
        self, identity: Identity, client: Client
    ) -> None:
        assert urlsplit(sent_back(client)).path == "/accounts/login/"

    def test_a_code_is_good_once(self, identity: Identity, client: Client) -> None:
        back = urlsplit(sent_back(client, identity.signed_in("dora@example.com")))
        assert client.get(f"{back.path}?{back.query}").headers["Location"] == "/"
        client.logout()
        client.get(f"{back.path}?{back.query}")
        assert client.get("/").status_code == 302

    def test_a_stolen_code_is_worth_nothing_even_with_the_secret(self, identity: Identity, client: Client) -> None:
        """Only the browser's session knows what the challenge was made from."""
        back = urlsplit(sent_back(client, identity.signed_in("dora@example.com")))
        given = {"grant_type": "authorization_code", "code": parse_qs(back.query)["code"][0], "redirect_uri": REDIRECT}
        given |= {"client_id": CLIENT, "client_secret": SECRET, "code_verifier": "v" * 43}
        answer = requests.post(identity.url + "/identity/o/api/token", data=given, timeout=10)
        assert answer.status_code == 400
        assert "access_token" not in answer.json()

    def test_a_wrong_secret_lets_nobody_in(self, identity: Identity, client: Client, settings: Any) -> None:
        settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["secret"] = "guessed"
        answer = sign_in(client, identity.signed_in("dora@example.com"))
        assert b"Sign-in failed" in answer.content
        assert not User.objects.exists()


def test_the_page_offers_it_by_its_name(provider: Provider, client: Client) -> None:
    page = client.get("/accounts/login/").content.decode()
    assert "Acme ID" in page
    assert f'action="{LOGIN}' in page


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "dora@evil.example"},
        {"email": "dora@example.com.evil.example"},
        {"email": "dora@notexample.com"},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": None},
    ],
)
def test_others_stay_outside_without_an_account(provider: Provider, client: Client, claims: dict[str, Any]) -> None:
    provider.claims |= claims
    answer = sign_in(client)
    assert answer.status_code == 403
    assert b"Not let in" in answer.content
    assert not User.objects.exists()
    assert client.get("/").status_code == 302


def test_a_group_lets_in_and_leaving_it_shuts_out(provider: Provider, settings: Any) -> None:
    settings.OIDC_DOMAINS, settings.OIDC_GROUPS = set(), {"support"}
    provider.claims |= {"groups": ["sales", "support"]}
    assert sign_in(Client()).headers["Location"] == "/"
    provider.claims |= {"groups": ["sales"]}
    assert sign_in(Client()).status_code == 403


def test_an_account_that_is_here_is_not_taken_over_by_its_address(
    stage: Stage, provider: Provider, client: Client
) -> None:
    provider.claims |= {"email": "alice@example.com", "preferred_username": "alice"}
    answer = sign_in(client)
    assert answer.status_code == 403
    assert b"already" in answer.content
    assert client.get("/teams/acme/").status_code == 302


@pytest.mark.parametrize("changed", [{"state": "forged"}, {"code": "forged"}])
def test_what_was_forged_on_the_way_back_lets_nobody_in(
    provider: Provider, client: Client, changed: dict[str, str]
) -> None:
    answer = sign_in(client, **changed)
    assert b"Sign-in failed" in answer.content
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("claims", [{"iss": "https://other.example"}, {"aud": "somebody else"}, {"exp": 1}])
def test_what_another_said_or_said_to_another_or_long_ago_lets_nobody_in(
    provider: Provider, client: Client, claims: dict[str, Any]
) -> None:
    provider.claims |= claims
    assert b"Sign-in failed" in sign_in(client).content
    assert not User.objects.exists()


def test_the_answer_belongs_to_the_browser_that_asked(provider: Provider, client: Client) -> None:
    back = urlsplit(sent_back(client))
    other = Client()
    other.get(f"{back.path}?{back.query}")
    assert other.get("/").status_code == 302


def test_a_look_at_its_address_asks_nobody(provider: Provider, client: Client) -> None:
    assert client.get(LOGIN).status_code == 200


SSO_ONLY = """
import django; django.setup()
from django.test import Client
page = Client().get("/accounts/login/", headers={"host": "jobs.example.com", "x-forwarded-proto": "https"}, secure=True)
assert b'name="password"' not in page.content and b"Acme ID" in page.content, page.content
assert "form-action 'self' https://id.example.com" in page.headers["Content-Security-Policy"]
from django.urls import NoReverseMatch, reverse
for name in ("account_reset_password", "account_change_password", "account_signup"):
    try: reverse(name)
    except NoReverseMatch: continue
    raise AssertionError(name)
from django.contrib.auth.models import User
User.objects.create_user("bob", "", "correct horse battery")
client = Client()
typed = {"login": "bob", "password": "correct horse battery"}
client.post("/accounts/login/", typed, secure=True, headers={"host": "jobs.example.com"})
assert "_auth_user_id" not in client.session
"""


def started(tmp_path: Path, code: str, **given: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3", **SOUND, **given}
    environment |= {"DJANGO_SETTINGS_MODULE": "dashboard.settings", "STATIC_FOLDER": str(tmp_path)}
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"]
    return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)


PROVIDED = {"OIDC_SERVER_URL": "https://id.example.com/realm", "OIDC_CLIENT_ID": "dashboard", "OIDC_NAME": "Acme ID"}
MIGRATE = "import django; django.setup()\nfrom django.core.management import call_command\n"
MIGRATE += "call_command('migrate', verbosity=0); call_command('collectstatic', interactive=False, verbosity=0)"


def test_alone_it_leaves_no_way_in_by_password(tmp_path: Path) -> None:
    given = PROVIDED | {"SSO_ONLY": "on", "OIDC_DOMAINS": "example.com"}
    assert started(tmp_path, MIGRATE, **given).returncode == 0
    done = started(tmp_path, SSO_ONLY, **given)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"SSO_ONLY": "on"}, "SSO_ONLY"),
        ({"OIDC_SERVER_URL": "https://id.example.com", "OIDC_DOMAINS": "example.com"}, "OIDC_CLIENT_ID"),
        (PROVIDED, "OIDC_DOMAINS"),
        (PROVIDED | {"OIDC_DOMAINS": "example.com", "OIDC_SERVER_URL": "http://id.example.com"}, "OIDC_SERVER_URL"),
    ],
)
def test_half_a_configuration_stops_the_start_and_names_the_variable(
    tmp_path: Path, given: dict[str, str], named: str
) -> None:
    done = started(tmp_path, "import django; django.setup()", **given)
    assert done.returncode != 0
    assert f"{named}: expected" in done.stderr


def test_a_password_still_works_beside_it(stage: Stage, provider: Provider, client: Client) -> None:
    client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
    assert client.get("/teams/acme/").status_code == 200


def test_a_team_that_asks_a_second_factor_asks_it_of_them_as_well(provider: Provider, client: Client) -> None:
    sign_in(client)
    dora = User.objects.get(username="dora")
    team = Team.objects.create(slug="acme", name="Acme", requires_second_factor=True)
    Membership.objects.create(team=team, user=dora)
    assert client.get("/teams/acme/").status_code == 403
    give_second_factor(dora)
    assert client.get("/teams/acme/").status_code == 200
