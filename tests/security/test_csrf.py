"""No other page and no other browser can submit a form in a person's name, at any URL of the product."""

import re

import pytest
from django.test import Client

from jobs.models import Pin
from tests.conftest import Stage
from tests.security.addresses import every_address
from tests.teams.test_access import JOB

MACHINES = {"/hooks/acme/", "/share/", "/unsubscribe/invite_nobody/"}  # a secret instead of a cookie; a look-up
PROBES = {"/healthz", "/readyz", "/metrics"}  # answered before authentication
PIN = f"/teams/acme/jobs/{JOB}/pin/"
ADDRESSES = sorted(set(every_address()) - MACHINES - PROBES)
EVIL = "https://evil.example"


def browser(user: object) -> tuple[Client, str]:
    """A signed-in browser with the token of a form."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)  # type: ignore[arg-type]
    found = re.search(
        r'csrfmiddlewaretoken" value="([^"]+)"', client.get("/accounts/password/change/").content.decode()
    )
    assert found is not None
    return client, found[1]


@pytest.fixture
def alice(stage: Stage) -> tuple[Client, str]:
    stage.alice.is_staff = stage.alice.is_superuser = True  # so that no URL is refused for another reason
    stage.alice.save()
    return browser(stage.alice)


@pytest.fixture
def refused(alice: tuple[Client, str], stage: Stage) -> dict[str, tuple[str | None, dict[str, str], bool]]:
    """The invalid requests: by token, headers and TLS; everything else is valid."""
    own, (_, of_bob) = alice[1], browser(stage.bob)
    return {
        "no token": (None, {}, False),
        "made up": ("x" * 64, {}, False),
        "of another session": (of_bob, {}, False),
        "htmx alone": (None, {"HX-Request": "true"}, False),
        "another session's, as htmx sends it": (None, {"HX-Request": "true", "X-CSRFToken": of_bob}, False),
        "another page": (own, {"Origin": EVIL}, False),
        "a page without an origin": (own, {"Origin": "null"}, False),
        "the same host without TLS": (own, {"Origin": "http://testserver"}, True),
        "a link from another page": (own, {"Referer": EVIL + "/page"}, True),
        "no word of where it is from": (own, {}, True),
    }  # fmt: skip


def test_cross_site_posts_are_refused(
    alice: tuple[Client, str], refused: dict[str, tuple[str | None, dict[str, str], bool]]
) -> None:
    assert len(ADDRESSES) > 90
    for why, (token, headers, secure) in refused.items():
        form = {"csrfmiddlewaretoken": token} if token else {}
        answers = {each: alice[0].post(each, form, headers=headers, secure=secure) for each in ADDRESSES}
        assert [each for each, answer in answers.items() if answer.status_code != 403] == [], why


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_cross_site_unsafe_methods_are_refused(alice: tuple[Client, str], method: str) -> None:
    assert [each for each in ADDRESSES if alice[0].generic(method, each).status_code not in {403, 405}] == []


@pytest.mark.parametrize(
    ("headers", "secure"),
    [
        ({}, False),
        ({"Origin": "http://testserver"}, False),
        ({"Origin": "https://testserver"}, True),
        ({"Referer": "https://testserver/teams/acme/"}, True),
    ],
)
def test_posts_of_our_own_page_are_accepted(
    alice: tuple[Client, str], headers: dict[str, str], *, secure: bool
) -> None:
    client, token = alice
    answer = client.post(PIN, {"csrfmiddlewaretoken": token}, headers=headers, secure=secure)
    assert answer.status_code in {200, 302}
    assert Pin.objects.count() == 1


def test_htmx_gets_a_short_message_for_a_refusal(alice: tuple[Client, str]) -> None:
    answer = alice[0].post(PIN, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (403, b"forbidden\n")
