"""Every URL of the product, by method and by person. A new URL without a rule fails."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from jobs.models import Membership
from jobs.teams import invitations
from tests.conftest import PASSWORD, Stage
from tests.security.test_answers import address_of
from tests.teams.test_access import OF_A_TEAM, RULES

pytestmark = pytest.mark.slow  # nearly a hundred, each on a database of its own

METHODS = ("GET", "POST", "HEAD", "OPTIONS")
# URLs for people who are not signed in, which they need for signing in; and URLs for programs.
OPEN = {
    "language", "healthz", "readyz", "metrics", "without_mail", "account_login", "account_logout", "account_inactive",
    "account_signup", "account_email_verification_sent", "account_confirm_login_code", "account_confirm_email",
    "account_reset_password", "account_reset_password_done", "account_reset_password_from_key",
    "account_reset_password_from_key_done", "mfa_authenticate", "mfa_login_webauthn", "socialaccount_login_cancelled",
    "socialaccount_login_error", "socialaccount_signup", "openid_connect_login", "openid_connect_callback",
    "openid_connect_signed_out",
}  # fmt: skip
OF_ONESELF = {
    "account_reauthenticate": "accounts/reauthenticate/",
    "account_request_reauthentication_code": "accounts/reauthenticate/code/",
    "account_confirm_reauthentication_code": "accounts/reauthenticate/code/confirm/",
    "account_email": "accounts/email/",
    "account_change_password": "accounts/password/change/",
    "account_set_password": "accounts/password/set/",
    "mfa_index": "accounts/2fa/",
    "mfa_reauthenticate": "accounts/2fa/reauthenticate/",
    "mfa_activate_totp": "accounts/2fa/totp/activate/",
    "mfa_deactivate_totp": "accounts/2fa/totp/deactivate/",
    "mfa_view_recovery_codes": "accounts/2fa/recovery-codes/",
    "mfa_generate_recovery_codes": "accounts/2fa/recovery-codes/generate/",
    "mfa_download_recovery_codes": "accounts/2fa/recovery-codes/download/",
    "mfa_list_webauthn": "accounts/2fa/webauthn/",
    "mfa_add_webauthn": "accounts/2fa/webauthn/add/",
    "mfa_reauthenticate_webauthn": "accounts/2fa/webauthn/reauthenticate/",
    "mfa_remove_webauthn": "accounts/2fa/webauthn/keys/1/remove/",
    "mfa_edit_webauthn": "accounts/2fa/webauthn/keys/1/edit/",
    "socialaccount_connections": "accounts/3rdparty/",
    "usersessions_list": "accounts/sessions/",
    "prolong": "accounts/session/",
}
SHUT_OUT = ("nobody", "of another team", "invited", "site staff", "disabled", "removed")


def walk(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        elif pattern.name:
            yield space + pattern.name


def test_every_address_has_an_access_rule() -> None:
    names = set(walk(get_resolver().url_patterns))
    assert {name for name in names if not name.startswith("admin:")} == (
        OPEN | set(OF_ONESELF) | {f"jobs:{name}" for name in RULES}
    )


@pytest.fixture
def person(stage: Stage, request: pytest.FixtureRequest) -> Client:
    """A person who is not a member of Acme."""
    client, who = Client(), request.param
    user = stage.bob if who in {"disabled", "removed"} else stage.charlie
    if who == "site staff":
        user = User.objects.create_superuser("root", "root@example.com", PASSWORD)
    if who == "invited":
        invitations.invite(stage.acme, "charlie@example.com", "manager", stage.alice, timezone.now())
    if who != "nobody":
        client.force_login(user)
        assert client.get("/help/").status_code == 200
    if who == "disabled":
        User.objects.filter(pk=user.pk).update(is_active=False)
    if who == "removed":
        Membership.objects.filter(user=user).delete()
    return client


@pytest.mark.parametrize("person", SHUT_OUT, indirect=True)
def test_outsiders_get_nothing_of_a_team_by_any_method(person: Client, stage: Stage) -> None:
    for name in OF_A_TEAM:
        for method in METHODS:
            answers = [person.generic(method, address_of(name, slug=slug)) for slug in ("acme", "nnnn")]
            theirs, nowhere = answers
            assert theirs.status_code in {302, 401, 404, 405}, (name, method)
            assert theirs.status_code == nowhere.status_code, (name, method)
            assert set(theirs.headers) == set(nowhere.headers), (name, method)
            if theirs.status_code == 302:
                assert theirs.headers["Location"].startswith("/accounts/login/"), (name, method)


@pytest.mark.parametrize("person", SHUT_OUT[1:4], indirect=True)
def test_the_live_part_requires_the_same_access(person: Client, stage: Stage) -> None:
    headers = {"HX-Request": "true", "HX-PTag": "any"}
    for name in OF_A_TEAM:
        theirs, nowhere = (
            person.generic(RULES[name][0], address_of(name, slug=slug), headers=headers) for slug in ("acme", "nnnn")
        )
        assert (theirs.status_code, theirs.content) == (nowhere.status_code, nowhere.content) == (404, b"not_found\n")


@pytest.mark.parametrize("name", OF_ONESELF)
@pytest.mark.parametrize("method", METHODS)
def test_personal_pages_require_signing_in(stage: Stage, name: str, method: str) -> None:
    answer = Client().generic(method, "/" + OF_ONESELF[name])
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("method", METHODS)
def test_the_admin_is_for_operators(as_alice: Client, method: str) -> None:
    for address in ("", "auth/user/", "jobs/team/", "jobs/team/add/", "jobs/lookup/", "mfa/authenticator/", "nowhere/"):
        for client in (as_alice, Client()):
            answer = client.generic(method, f"/admin/{address}")
            assert answer.status_code in {302, 403}
            assert answer.headers.get("Location", "/accounts/login/").startswith(("/accounts/login/", "/admin/login/"))


def test_reading_everything_changes_nothing(as_alice: Client, stage: Stage) -> None:
    before = state()
    for name in RULES:
        for method in ("GET", "HEAD", "OPTIONS"):
            as_alice.generic(method, address_of(name))
    for address in ("/accounts/logout/", *("/" + address for address in OF_ONESELF.values())):
        as_alice.get(address)
    assert state() == before


def state() -> list[object]:
    """All users, memberships and changed settings."""
    from dashboard.models import Session
    from jobs.models import Change, Invitation, Pin, Team, Token, WebhookSecret

    rows: list[object] = [
        list(model.objects.order_by("pk").values()) for model in (Team, Membership, Token, Change, Invitation, Pin)
    ]
    return [*rows, list(WebhookSecret.objects.values()), Session.objects.count()]
