"""Single sign-on against local providers: who may sign in, and that no account can be taken over.

The whole way is gone with allauth's own provider, a process of its own (tests/identity); what no sound provider would
say is said by one written for it (tests/openid_provider.py).
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
from tests.openid_provider import Provider

ROOT = Path(__file__).parents[3]
LOGIN = "/accounts/oidc/sso/login/"
DORA = {"sub": "d-1", "email": "dora@example.com", "email_verified": True, "preferred_username": "dora", "groups": []}


@pytest.fixture
def provider(settings: Any, transactional_db: None) -> Iterator[Provider]:
    cache.clear()  # rate limits by address
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
    """Configures the provider, as the environment of an installation would."""
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
    """The URL to which the provider redirects the browser."""
    away = client.post(f"{LOGIN}?process={process}")
    answer = browser.get(away.headers["Location"], allow_redirects=False, timeout=10)
    return str(answer.headers["Location"])


def sign_in(client: Client, browser: Any = requests, process: str = "login", **changed: str) -> Any:
    """Signs in like a browser: from us to the provider and back."""
    address = urlsplit(sent_back(client, browser, process))
    query = address.query
    for name, value in changed.items():
        query = "&".join(f"{name}={value}" if part.startswith(f"{name}=") else part for part in query.split("&"))
    return client.get(f"{address.path}?{query}")


class TestSignIn:
    @pytest.mark.processes
    def test_a_user_of_an_allowed_domain_signs_in(self, identity: Identity, client: Client) -> None:
        assert sign_in(client, identity.signed_in("dora@example.com")).headers["Location"] == "/"
        assert User.objects.get(email="dora@example.com").username == "dora"
        assert b"You are not in a team yet" in client.get("/").content

    @pytest.mark.processes
    def test_signing_in_again_creates_no_second_account(self, identity: Identity) -> None:
        browser = identity.signed_in("dora@example.com")
        for _ in range(2):
            assert sign_in(Client(), browser).headers["Location"] == "/"
        assert User.objects.count() == 1

    @pytest.mark.processes
    @pytest.mark.parametrize("email", ["erin@example.com", "fred@elsewhere.example"])
    def test_an_unverified_or_foreign_address_is_refused(self, identity: Identity, client: Client, email: str) -> None:
        answer = sign_in(client, identity.signed_in(email))
        assert answer.status_code == 403
        assert b"Access denied" in answer.content
        assert not User.objects.exists()

    @pytest.mark.processes
    def test_without_a_provider_session_the_provider_asks_for_the_password(
        self, identity: Identity, client: Client
    ) -> None:
        assert urlsplit(sent_back(client)).path == "/accounts/login/"

    @pytest.mark.processes
    def test_a_code_works_once(self, identity: Identity, client: Client) -> None:
        back = urlsplit(sent_back(client, identity.signed_in("dora@example.com")))
        assert client.get(f"{back.path}?{back.query}").headers["Location"] == "/"
        client.logout()
        client.get(f"{back.path}?{back.query}")
        assert client.get("/").status_code == 302

    @pytest.mark.processes
    def test_a_stolen_code_is_useless_even_with_the_secret(self, identity: Identity, client: Client) -> None:
        """Only the browser's session has the code verifier."""
        back = urlsplit(sent_back(client, identity.signed_in("dora@example.com")))
        given = {"grant_type": "authorization_code", "code": parse_qs(back.query)["code"][0], "redirect_uri": REDIRECT}
        given |= {"client_id": CLIENT, "client_secret": SECRET, "code_verifier": "v" * 43}
        answer = requests.post(identity.url + "/identity/o/api/token", data=given, timeout=10)
        assert answer.status_code == 400
        assert "access_token" not in answer.json()

    @pytest.mark.processes
    def test_a_wrong_secret_is_refused(self, identity: Identity, client: Client, settings: Any) -> None:
        settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["secret"] = "guessed"
        answer = sign_in(client, identity.signed_in("dora@example.com"))
        assert b"Sign-in failed" in answer.content
        assert not User.objects.exists()


def test_the_login_page_names_the_provider(provider: Provider, client: Client) -> None:
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
def test_users_outside_the_domain_get_no_account(provider: Provider, client: Client, claims: dict[str, Any]) -> None:
    provider.claims |= claims
    answer = sign_in(client)
    assert answer.status_code == 403
    assert b"Access denied" in answer.content
    assert not User.objects.exists()
    assert client.get("/").status_code == 302


def test_joining_a_group_admits_and_leaving_it_removes(provider: Provider, settings: Any) -> None:
    settings.OIDC_DOMAINS, settings.OIDC_GROUPS = set(), {"support"}
    provider.claims |= {"groups": ["sales", "support"]}
    assert sign_in(Client()).headers["Location"] == "/"
    provider.claims |= {"groups": ["sales"]}
    assert sign_in(Client()).status_code == 403


def test_an_existing_account_is_not_taken_over_by_its_address(stage: Stage, provider: Provider, client: Client) -> None:
    EmailAddress.objects.create(user=stage.alice, email="alice@example.com", verified=True)
    provider.claims |= {"email": "alice@example.com", "preferred_username": "alice"}
    answer = sign_in(client)
    assert answer.status_code == 403
    assert b"already" in answer.content
    assert client.get("/teams/acme/").status_code == 302


def test_an_unverified_claim_does_not_block_the_owner(stage: Stage, provider: Provider, client: Client) -> None:
    """A squatter loses the address to the person confirmed by the provider."""
    provider.claims |= {"email": "alice@example.com", "preferred_username": "mia"}
    squatter = Client()
    squatter.force_login(stage.alice)
    assert sign_in(client).headers["Location"] == "/"
    assert people.find("alice@example.com") == User.objects.get(username="mia")
    assert User.objects.get(pk=stage.alice.pk).email == ""
    assert squatter.get("/teams/acme/").status_code == 302
    assert client.get("/teams/acme/").status_code == 404


@pytest.mark.parametrize("name", ["alice", "ALICE", "ａｌｉｃｅ", "alice@example.com", "cfo@red.example", "", None, 7])
def test_a_preferred_user_name_already_taken_is_not_reused(
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
def test_an_unverified_address_from_the_provider_takes_over_nothing(
    stage: Stage, provider: Provider, client: Client, settings: Any, word: object, claimed: str
) -> None:
    """A person admitted by group then has an account without an address, and blocks nobody."""
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
def test_verification_of_one_address_does_not_count_for_another(
    provider: Provider, client: Client, token: dict[str, Any], answer: dict[str, Any]
) -> None:
    provider.claims = {"sub": "d-1", **answer}
    provider.in_token = {"sub": "d-1", **token}
    assert sign_in(client).status_code == 403
    assert not User.objects.exists()


def test_two_answers_about_two_people_are_refused(provider: Provider, client: Client) -> None:
    provider.in_token = {**DORA, "sub": "d-2"}
    assert b"Sign-in failed" in sign_in(client).content
    assert not User.objects.exists()


def test_an_answer_the_database_cannot_store_is_refused(provider: Provider, client: Client) -> None:
    provider.claims |= {"name": "Dora\0"}
    assert b"Sign-in failed" in sign_in(client).content
    assert not User.objects.exists()


NOBODY = [None, "", " ", "d" * 192, "d\0", "\ud800", 7, True, ["d-1"], {"id": "d-1"}]


class TestSubject:
    @pytest.mark.parametrize("subject", NOBODY, ids=ascii)
    def test_an_answer_without_a_subject_is_refused(self, provider: Provider, client: Client, subject: object) -> None:
        """In particular, null must not become the user "None", shared by everybody without a subject."""
        provider.claims |= {"sub": subject}
        provider.in_token = {}
        self.check_refused(client)

    @pytest.mark.parametrize("subject", NOBODY, ids=ascii)
    def test_a_matching_token_without_a_subject_is_refused(
        self, provider: Provider, client: Client, subject: object
    ) -> None:
        provider.claims |= {"sub": subject}
        self.check_refused(client)

    def test_a_token_without_a_subject_is_refused(self, provider: Provider, client: Client) -> None:
        del provider.claims["sub"]
        self.check_refused(client)

    def check_refused(self, client: Client) -> None:
        assert b"Sign-in failed" in sign_in(client).content
        assert not User.objects.exists()
        assert client.get("/").status_code == 302

    def test_the_longest_storable_subject_is_accepted(self, provider: Provider, client: Client) -> None:
        provider.claims |= {"sub": "d" * 191}
        assert sign_in(client).headers["Location"] == "/"


class TestChangedAddress:
    def test_a_changed_address_is_updated(self, provider: Provider) -> None:
        sign_in(Client())
        provider.claims |= {"email": "dora.new@example.com"}
        sign_in(Client())
        assert people.find("dora.new@example.com") == User.objects.get()
        assert people.find("dora@example.com") is None  # it may be given to somebody else

    def test_an_address_verified_by_someone_else_stays_theirs(self, stage: Stage, provider: Provider) -> None:
        EmailAddress.objects.create(user=stage.alice, email="alice@example.com", verified=True)
        sign_in(Client())
        provider.claims |= {"email": "alice@example.com"}
        client = Client()
        sign_in(client)
        assert people.find("alice@example.com") == stage.alice
        assert client.get("/teams/acme/").status_code == 404

    def test_an_address_of_another_domain_is_refused(self, provider: Provider) -> None:
        sign_in(Client())
        provider.claims |= {"email": "dora@elsewhere.example"}
        assert sign_in(Client()).status_code == 403

    def test_a_reassigned_address_is_another_person(self, provider: Provider) -> None:
        """Companies reassign addresses: the previous person is identified by `sub`."""
        sign_in(Client())
        first = User.objects.get()
        provider.claims |= {"email": "dora.left@example.com"}
        sign_in(Client())
        provider.claims = {**DORA, "sub": "d-2"}
        sign_in(Client())
        assert people.find("dora@example.com") != first
        assert User.objects.count() == 2


class TestConnecting:
    def test_an_existing_account_is_connected_by_its_owner(self, stage: Stage, provider: Provider) -> None:
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

    def test_connecting_verifies_no_address_before_the_password_is_confirmed(
        self, stage: Stage, provider: Provider
    ) -> None:
        """Otherwise anybody at an unattended browser could reset the password with their own address."""
        bob = Client()
        bob.force_login(stage.bob)
        assert "reauthenticate" in sign_in(bob, process="connect").headers["Location"]
        assert people.owner_of("dora@example.com") is None
        bob.post("/accounts/reauthenticate/", {"password": PASSWORD})
        assert people.owner_of("dora@example.com") == stage.bob
        assert SocialAccount.objects.get().user == stage.bob

    def test_connecting_without_being_signed_in_fails(self, provider: Provider, client: Client) -> None:
        assert b"Sign-in failed" in sign_in(client, process="connect").content
        assert not User.objects.exists()

    def test_connecting_with_an_address_verified_by_someone_else_is_refused(
        self, stage: Stage, provider: Provider
    ) -> None:
        EmailAddress.objects.create(user=stage.alice, email="alice@example.com", verified=True)
        provider.claims |= {"email": "alice@example.com"}
        bob = Client()
        bob.force_login(stage.bob)
        assert sign_in(bob, process="connect").status_code == 403
        assert not SocialAccount.objects.exists()


def test_an_answer_works_once_even_in_the_same_browser(provider: Provider, client: Client) -> None:
    """The browser may send its old cookie: the provider knows the code."""
    back = urlsplit(sent_back(client))
    cookie = client.cookies["session"].value
    assert client.get(f"{back.path}?{back.query}").headers["Location"] == "/"
    again = Client()
    again.cookies["session"] = cookie
    assert b"Sign-in failed" in again.get(f"{back.path}?{back.query}").content
    assert again.get("/").status_code == 302


def test_starting_a_sign_in_stores_nothing(provider: Provider, client: Client) -> None:
    sent_back(client)
    client.get("/accounts/oidc/sso/login/callback/?code=guessed&state=guessed")
    assert not Session.objects.exists()


def test_requests_to_the_provider_are_limited(provider: Provider, client: Client) -> None:
    answers = [client.post(LOGIN).status_code for _ in range(61)]
    assert (answers[59], answers[60]) == (302, 429)


@pytest.mark.parametrize("changed", [{"state": "forged"}, {"code": "forged"}])
def test_a_forged_callback_is_refused(provider: Provider, client: Client, changed: dict[str, str]) -> None:
    answer = sign_in(client, **changed)
    assert b"Sign-in failed" in answer.content
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("claims", [{"iss": "https://other.example"}, {"aud": "somebody else"}, {"exp": 1}])
def test_a_token_by_or_for_another_party_or_expired_is_refused(
    provider: Provider, client: Client, claims: dict[str, Any]
) -> None:
    provider.claims |= claims
    assert b"Sign-in failed" in sign_in(client).content
    assert not User.objects.exists()


def test_the_answer_works_only_in_the_browser_that_asked(provider: Provider, client: Client) -> None:
    back = urlsplit(sent_back(client))
    other = Client()
    other.get(f"{back.path}?{back.query}")
    assert other.get("/").status_code == 302


@pytest.mark.parametrize("name", ["other", "%00", "%ED%A0%80", "a" * 5000])
def test_an_unknown_provider_is_not_found(client: Client, db: None, name: str) -> None:
    assert client.post(f"/accounts/oidc/{name}/login/").status_code == 404


def test_a_get_of_the_sign_in_address_contacts_nobody(provider: Provider, client: Client) -> None:
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
def test_single_sign_on_only_leaves_no_password_sign_in(tmp_path: Path) -> None:
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
def test_an_incomplete_configuration_stops_the_start_and_names_the_variable(
    tmp_path: Path, given: dict[str, str], named: str
) -> None:
    done = started(tmp_path, "import django; django.setup()", **given)
    assert done.returncode != 0
    assert f"{named}: expected" in done.stderr


def test_passwords_still_work_beside_it(stage: Stage, provider: Provider, client: Client) -> None:
    client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
    assert client.get("/teams/acme/").status_code == 200


def test_a_team_requiring_a_second_factor_requires_it_of_sso_users(provider: Provider, client: Client) -> None:
    sign_in(client)
    dora = User.objects.get(username="dora")
    team = Team.objects.create(slug="acme", name="Acme", requires_second_factor=True)
    Membership.objects.create(team=team, user=dora)
    assert client.get("/teams/acme/").status_code == 403
    give_second_factor(dora)
    assert client.get("/teams/acme/").status_code == 200
