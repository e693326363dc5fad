"""The token is nowhere but in its sealed column: every page of every person, every log line, the whole database."""

import base64
import logging
from io import StringIO
from typing import Any
from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.test import Client

from jobs import tokens
from jobs.encryption import Secret
from jobs.models import Team, Token
from jobs.simulator.server import Simulator
from tests.conftest import Stage
from tests.misbehaving import MisbehavingServer
from tests.misbehaving.job import JOB_ID
from tests.security.test_answers import address_of
from tests.test_access import RULES

ACCOUNT = ["/accounts/2fa/", "/accounts/sessions/", "/accounts/password/change/", "/nowhere/"]


def forms_of(token: str) -> list[str]:
    raw = token.encode()
    return [
        token,
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode(),
        quote(token, safe=""),
        token.split(".")[1],
    ]


@pytest.fixture
def people(stage: Stage) -> list[Client]:
    """A manager, a viewer, an outsider, and nobody."""
    clients = [Client() for _ in range(4)]
    for client, user in zip(clients, (stage.alice, stage.bob, stage.charlie), strict=False):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return clients


def test_no_page_log_or_dump_holds_the_token(
    stage: Stage, people: list[Client], simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = simulator.tokens["es-live"]
    tokens.put_in_use(stage.acme, Secret(token), None)
    job = simulator.start_job("es-accepted", speed=1e8)
    seen = _crawl(people, job)
    dump = StringIO()
    call_command("dumpdata", stdout=dump)
    shown = StringIO()
    call_command("check_token", "acme", stdout=shown)
    sealed = Token.objects.defer(None).get(team=stage.acme, in_use=True).sealed
    for form in forms_of(token):
        assert form not in seen
        assert form not in caplog.text
        assert form not in dump.getvalue()
        assert form not in shown.getvalue()
        assert form not in str(sealed)
    assert "eyJ" not in str(sealed)


def test_an_api_that_repeats_the_token_everywhere_does_not_spread_it(
    stage: Stage, people: list[Client], settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = "eyJhbGciOiJFUzI1NiJ9.eyJleHAiOjAsInNjb3BlIjoicmVhZCJ9.do-not-tell-anybody"
    with MisbehavingServer() as server:
        settings.INVOPOP_API_URL = server.url
        tokens.put_in_use(stage.acme, Secret(token), None)
        for row in ("U089", "U022"):
            server.fault = row
            seen = _crawl(people, JOB_ID)
            for form in forms_of(token):
                assert form not in seen, row
                assert form not in caplog.text, row


def test_the_objects_that_hold_a_token_do_not_show_it(stage: Stage, simulator: Simulator) -> None:
    token = simulator.tokens["es-live"]
    row = tokens.put_in_use(stage.acme, Secret(token), None)
    for shown in (repr(row), str(row), repr(row.__dict__), repr(Secret(token)), str(Secret(token)), f"{Secret(token)}"):
        assert token not in shown


def test_a_ciphertext_moved_to_another_team_opens_nothing(
    stage: Stage, people: list[Client], simulator: Simulator
) -> None:
    row = tokens.put_in_use(stage.acme, Secret(simulator.tokens["es-live"]), None)
    sealed = Token.objects.defer(None).get(pk=row.pk).sealed
    tokens.put_in_use(stage.elsewhere, Secret("of.another.team"), None)
    Token.objects.filter(team=stage.elsewhere).update(sealed=sealed)
    before = simulator.requests.count()
    page = people[2].get(f"/teams/elsewhere/jobs/{JOB_ID}/").content.decode()
    assert "cannot be opened" in page
    assert simulator.requests.count() == before


def test_no_link_of_a_page_carries_a_secret(stage: Stage, people: list[Client]) -> None:
    """Links are shared and kept in histories: nothing in an address opens anything by itself."""
    page = people[0].get("/teams/acme/settings/").content.decode()
    assert "invite_" not in page
    assert "hook_" not in page


def _crawl(people: list[Client], job: str) -> str:
    assert Team.objects.exists()
    seen = []
    for client in people:
        for name, (method, _) in RULES.items():
            if method == "GET":
                answer = client.get(address_of(name, job_id=job))
                body = b"".join(answer) if answer.streaming else answer.content  # type: ignore[arg-type]
                seen.append(body.decode("utf-8", "replace") + str(dict(answer.headers)))
        seen += [client.get(address).content.decode() for address in ACCOUNT]
    return "\n".join(seen)
