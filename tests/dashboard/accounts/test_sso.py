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
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from dashboard import environment
from dashboard.models import Session
from jobs.models import Membership, Team
from jobs.teams import people
from tests.conftest import PASSWORD, Stage, give_second_factor
from tests.dashboard.test_checks import SOUND
from tests.identity import CLIENT, REDIRECT, SECRET, Identity
from tests.provider import Provider

ROOT = Path(__file__).parents[3]
LOGIN = "/accounts/oidc/sso/login/"
DORA = {"sub": "d-1", "email": "dora@example.com", "email_verified": True, "preferred_username": "dora", "groups": []}


@pytest.fixture
def provider(settings: Any, transactional_db: None) -> Iterator[Provider]:
    cache.clear()  # limits by address
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
    given_by_settings = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {**given_by_settings, "APPS": apps}}
    settings.OIDC_DOMAINS, settings.OIDC_GROUPS = {"example.com"}, set()


def sent_back(client: Client, browser: Any = requests, process: str = "login") -> str:
    """Where the provider sends a browser to whom we have sent there."""
    away = client.post(f"{LOGIN}?process={process}")
    answer = browser.get(away.headers["Location"], allow_redirects=False, timeout=10)
    return str(answer.headers["Location"])


def sign_in(client: Client, browser: Any = requests, process: str = "login", **changed: str) -> Any:
    """As a browser does it: from us to the provider, and back with what it gave."""
    address = urlsplit(sent_back(client, browser, process))
    query = address.query
    for name, value in changed.items():
        query = "&".join(f"{name}={value}" if part.startswith(f"{name}=") else part for part in query.split("&"))
    return client.get(f"{address.path}?{query}")


class TestTheWholeWay:
    @pytest.mark.processes
    def test_somebody_of_an_allowed_domain_comes_in(self, identity: Identity, client: Client) -> None:
        assert sign_in(client, identity.signed_in("dora@example.com")).headers["Location"] == "/"
        assert User.objects.get(email="dora@example.com").username == "dora"
        assert b"You are not in a team yet" in client.get("/").content

    @pytest.mark.processes
    def test_coming_again_makes_no_second_account(self, identity: Identity) -> None:
        browser = identity.signed_in("dora@example.com")
        for _ in range(2):
            assert sign_in(Client(), browser).headers["Location"] == "/"
        assert User.objects.count() == 1

    @pytest.mark.processes
    @pytest.mark.parametrize("email", ["erin@example.com", "fred@elsewhere.example"])
    def test_an_address_that_is_unproven_or_of_elsewhere_lets_nobody_in(
        self, identity: Identity, client: Client, email: str
    ) -> None:
        answer = sign_in(client, identity.signed_in(email))
        assert answer.status_code == 403
        assert b"Access denied" in answer.content
        assert not User.objects.exists()

    @pytest.mark.processes
    def test_whoever_is_not_signed_in_there_is_asked_for_the_password_there(
        self, identity: Identity, client: Client
    ) -> None:
        assert urlsplit(sent_back(client)).path == "/accounts/login/"

    @pytest.mark.processes
    def test_a_code_is_good_once(self, identity: Identity, client: Client) -> None:
        back = urlsplit(sent_back(client, identity.signed_in("dora@example.com")))
        assert client.get(f"{back.path}?{back.query}").headers["Location"] == "/"
        client.logout()
        client.get(f"{back.path}?{back.query}")
        assert client.get("/").status_code == 302

    @pytest.mark.processes
    def test_a_stolen_code_is_worth_nothing_even_with_the_secret(self, identity: Identity, client: Client) -> None:
        """Only the browser's session knows what the challenge was made from."""
        back = urlsplit(sent_back(client, identity.signed_in("dora@example.com")))
        given = {"grant_type": "authorization_code", "code": parse_qs(back.query)["code"][0], "redirect_uri": REDIRECT}
        given |= {"client_id": CLIENT, "client_secret": SECRET, "code_verifier": "v" * 43}
        answer = requests.post(identity.url + "/identity/o/api/token", data=given, timeout=10)
        assert answer.status_code == 400
        assert "access_token" not in answer.json()

    @pytest.mark.processes
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
        {"email": "dora@evil.example@example.com"},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": None},
    ],
)
def test_others_stay_outside_without_an_account(provider: Provider, client: Client, claims: dict[str, Any]) -> None:
    provider.claims |= claims
    answer = sign_in(client)
    assert answer.status_code == 403
    assert b"Access denied" in answer.content
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
    EmailAddress.objects.create(user=stage.alice, email="alice@example.com", verified=True)
    provider.claims |= {"email": "alice@example.com", "preferred_username": "alice"}
    answer = sign_in(client)
    assert answer.status_code == 403
    assert b"already" in answer.content
    assert client.get("/teams/acme/").status_code == 302


def test_a_claim_that_nobody_proved_keeps_nobody_out(stage: Stage, provider: Provider, client: Client) -> None:
    """Whoever squats on an address loses it to the one for whom the provider vouches, and never meets them."""
    provider.claims |= {"email": "alice@example.com", "preferred_username": "mia"}
    squatter = Client()
    squatter.force_login(stage.alice)
    assert sign_in(client).headers["Location"] == "/"
    assert people.find("alice@example.com") == User.objects.get(username="mia")
    assert User.objects.get(pk=stage.alice.pk).email == ""
    assert squatter.get("/teams/acme/").status_code == 302
    assert client.get("/teams/acme/").status_code == 404


@pytest.mark.parametrize("name", ["alice", "ALICE", "ａｌｉｃｅ", "alice@example.com", "cfo@red.example", "", None, 7])
def test_a_name_that_the_provider_prefers_is_nobody_elses(
    stage: Stage, provider: Provider, client: Client, name: str | None
) -> None:
    provider.claims |= {"preferred_username": name}
    assert sign_in(client).headers["Location"] == "/"
    dora = people.find("dora@example.com")
    assert dora is not None
    assert dora.username not in {"alice", "bob", "charlie"}
    assert "@" not in dora.username
    assert dora.username == people.canonical(dora.username)
    assert client.get("/teams/acme/").status_code == 404


@pytest.mark.parametrize("word", [False, None, "false", "true", "1", 1, 0, [], {}], ids=repr)
@pytest.mark.parametrize("claimed", ["alice@example.com", "nobody@example.com"])
def test_an_address_that_is_not_verified_is_not_taken_over_from_the_provider(
    stage: Stage, provider: Provider, client: Client, settings: Any, word: object, claimed: str
) -> None:
    """Who comes in by a group has an account without an address then, and keeps nobody from theirs."""
    settings.OIDC_GROUPS = {"support"}
    provider.claims |= {"groups": ["support"], "email_verified": word, "email": claimed}
    assert sign_in(client).headers["Location"] == "/"
    assert User.objects.get(username="dora").email == ""
    assert people.find(claimed) is None
    assert User.objects.get(pk=stage.alice.pk).email == "alice@example.com"


@pytest.mark.parametrize(
    ("token", "answer"),
    [
        ({"email": "dora@example.com", "email_verified": True}, {"email": "eve@example.com"}),
        ({"email_verified": True}, {"email": "eve@example.com"}),
        ({"email": "eve@example.com"}, {"email_verified": True}),
    ],
)
def test_the_word_on_one_address_is_not_taken_for_another(
    provider: Provider, client: Client, token: dict[str, Any], answer: dict[str, Any]
) -> None:
    provider.claims = {"sub": "d-1", **answer}
    provider.in_token = {"sub": "d-1", **token}
    assert sign_in(client).status_code == 403
    assert not User.objects.exists()


def test_two_answers_about_two_people_let_nobody_in(provider: Provider, client: Client) -> None:
    provider.in_token = {**DORA, "sub": "d-2"}
    assert b"Sign-in failed" in sign_in(client).content
    assert not User.objects.exists()


def test_an_answer_that_the_database_cannot_keep_lets_nobody_in(provider: Provider, client: Client) -> None:
    provider.claims |= {"name": "Dora\0"}
    assert b"Sign-in failed" in sign_in(client).content
    assert not User.objects.exists()


NOBODY = [None, "", " ", "d" * 192, "d\0", "\ud800", 7, True, ["d-1"], {"id": "d-1"}]


class TestWhomTheAnswerIsAbout:
    @pytest.mark.parametrize("subject", NOBODY, ids=ascii)
    def test_an_answer_about_nobody_lets_nobody_in(self, provider: Provider, client: Client, subject: object) -> None:
        """Above all, null is not the person "None", whom everybody else without a subject would be too."""
        provider.claims |= {"sub": subject}
        provider.in_token = {}
        self.check_refused(client)

    @pytest.mark.parametrize("subject", NOBODY, ids=ascii)
    def test_nor_does_a_token_that_agrees(self, provider: Provider, client: Client, subject: object) -> None:
        provider.claims |= {"sub": subject}
        self.check_refused(client)

    def test_nor_does_one_without_a_subject(self, provider: Provider, client: Client) -> None:
        del provider.claims["sub"]
        self.check_refused(client)

    def check_refused(self, client: Client) -> None:
        assert b"Sign-in failed" in sign_in(client).content
        assert not User.objects.exists()
        assert client.get("/").status_code == 302

    def test_the_longest_that_can_be_kept_comes_in(self, provider: Provider, client: Client) -> None:
        provider.claims |= {"sub": "d" * 191}
        assert sign_in(client).headers["Location"] == "/"


class TestAChangedAddress:
    def test_it_is_changed_here(self, provider: Provider) -> None:
        sign_in(Client())
        provider.claims |= {"email": "dora.new@example.com"}
        sign_in(Client())
        assert people.find("dora.new@example.com") == User.objects.get()
        assert people.find("dora@example.com") is None  # somebody else may be given it

    def test_one_that_somebody_else_has_proved_stays_theirs(self, stage: Stage, provider: Provider) -> None:
        EmailAddress.objects.create(user=stage.alice, email="alice@example.com", verified=True)
        sign_in(Client())
        provider.claims |= {"email": "alice@example.com"}
        client = Client()
        sign_in(client)
        assert people.find("alice@example.com") == stage.alice
        assert client.get("/teams/acme/").status_code == 404

    def test_one_of_another_domain_lets_in_no_more(self, provider: Provider) -> None:
        sign_in(Client())
        provider.claims |= {"email": "dora@elsewhere.example"}
        assert sign_in(Client()).status_code == 403

    def test_whoever_is_given_it_next_is_somebody_else(self, provider: Provider) -> None:
        """Companies give an address to the next person: the one before is known by `sub`, not by it."""
        sign_in(Client())
        first = User.objects.get()
        provider.claims |= {"email": "dora.left@example.com"}
        sign_in(Client())
        provider.claims = {**DORA, "sub": "d-2"}
        sign_in(Client())
        assert people.find("dora@example.com") != first
        assert User.objects.count() == 2


class TestConnecting:
    def test_an_account_that_is_here_is_connected_by_who_holds_it(self, stage: Stage, provider: Provider) -> None:
        provider.claims |= {"email": "bob@example.com"}
        bob = Client()
        bob.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
        bob.post("/accounts/reauthenticate/", {"password": PASSWORD})
        sign_in(bob, process="connect")
        assert SocialAccount.objects.get().user == stage.bob
        assert people.find("bob@example.com") == stage.bob
        client = Client()
        sign_in(client)
        assert client.get("/teams/acme/").status_code == 200

    def test_not_with_an_address_that_somebody_else_has_proved(self, stage: Stage, provider: Provider) -> None:
        EmailAddress.objects.create(user=stage.alice, email="alice@example.com", verified=True)
        provider.claims |= {"email": "alice@example.com"}
        bob = Client()
        bob.force_login(stage.bob)
        assert sign_in(bob, process="connect").status_code == 403
        assert not SocialAccount.objects.exists()


def test_an_answer_is_good_once_even_in_the_browser_that_asked(provider: Provider, client: Client) -> None:
    """The browser may send the cookie it had then: the provider knows the code."""
    back = urlsplit(sent_back(client))
    cookie = client.cookies["session"].value
    assert client.get(f"{back.path}?{back.query}").headers["Location"] == "/"
    again = Client()
    again.cookies["session"] = cookie
    assert b"Sign-in failed" in again.get(f"{back.path}?{back.query}").content
    assert again.get("/").status_code == 302


def test_nothing_is_stored_for_who_only_sets_out(provider: Provider, client: Client) -> None:
    sent_back(client)
    client.get("/accounts/oidc/sso/login/callback/?code=guessed&state=guessed")
    assert not Session.objects.exists()


def test_the_provider_is_not_asked_without_limit(provider: Provider, client: Client) -> None:
    answers = [client.post(LOGIN).status_code for _ in range(61)]
    assert (answers[59], answers[60]) == (302, 429)


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
from django.core.cache import cache
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


@pytest.mark.processes
def test_alone_it_leaves_no_way_in_by_password(tmp_path: Path) -> None:
    given = PROVIDED | {"SSO_ONLY": "on", "OIDC_DOMAINS": "example.com"}
    assert started(tmp_path, MIGRATE, **given).returncode == 0
    done = started(tmp_path, SSO_ONLY, **given)
    assert done.returncode == 0, done.stderr


@pytest.mark.processes
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
