"""The API key is only in its encrypted column: not on any page, in the log or elsewhere in the database."""

import base64
import html
import logging
from io import StringIO
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import resolve

from jobs.encryption import Secret
from jobs.models import Token
from jobs.simulator.server import Simulator
from jobs.teams import api_tokens
from tests.conftest import PASSWORD, Stage, give_second_factor, give_token, typed_the_password
from tests.misbehaving import MisbehavingServer
from tests.misbehaving.job import JOB_ID
from tests.security.crawl import admin_addresses, crawl, text_of
from tests.security.tables import contents
from tests.security.test_answers import address_of
from tests.teams.test_access import RULES

ACCOUNT = ["/accounts/2fa/", "/accounts/sessions/", "/accounts/password/change/", "/nowhere/"]
REACHED = {  # only by links; sign-out is a form
    "jobs:help", "jobs:watch", "jobs:team", "jobs:list", "jobs:settings", "jobs:audit", "jobs:audit_csv",
    "jobs:job", "jobs:body", "jobs:envelope", "jobs:envelope_download", "jobs:attachment",
    "account_change_password", "mfa_index", "usersessions_list",
}  # fmt: skip


def forms_of(token: str) -> list[str]:
    raw = token.encode()
    inside = [base64.b64encode(b"." * before + raw)[4:-4].decode() for before in range(3)]  # inside longer text
    return [
        token,
        *inside,
        *(each.replace("+", "-").replace("/", "_") for each in inside),
        quote(token, safe=""),
        token.split(".")[1],
    ]


@pytest.fixture
def people(stage: Stage) -> list[Client]:
    """A manager, a viewer, an outsider, an operator, and nobody."""
    operator = User.objects.create_superuser("root", "root@example.com", PASSWORD)
    clients = [Client() for _ in range(5)]
    for client, user in zip(clients, (stage.alice, stage.bob, stage.charlie, operator), strict=False):
        client.force_login(user)
    give_second_factor(operator)
    typed_the_password(clients[3])
    return clients


def test_no_page_log_or_dump_holds_the_token(
    stage: Stage, people: list[Client], simulator: Simulator, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "urllib3")
    settings.LOOK_UPS_A_MINUTE = 0
    token = simulator.tokens["es-live"]
    api_tokens.put_in_use(stage.acme, Secret(token), None)
    job = simulator.start_job("es-accepted", speed=1e8)
    seen = _visit(people, job) + _crawl(people, job)
    dump = StringIO()
    call_command("dumpdata", stdout=dump)
    shown = StringIO()
    call_command("check_token", "acme", stdout=shown)
    sealed = Token.objects.defer(None).get(team=stage.acme, in_use=True).sealed
    assert "urllib3" in caplog.text  # the request itself was logged
    for form in forms_of(token):
        assert form not in seen
        assert form not in caplog.text
        assert form not in dump.getvalue()
        assert form not in str(contents())
        assert form not in shown.getvalue()
        assert form not in str(sealed)
    assert "eyJ" not in str(sealed)


def test_the_sweep_finds_a_planted_secret(stage: Stage, people: list[Client]) -> None:
    """In any form: on the pages of members and operators, and in the database."""
    stage.acme.name = " ".join(sorted(set(forms_of("eyJ.ab~.c?"))))
    stage.acme.save()
    found = [html.unescape(_crawl([each], JOB_ID)) for each in people]
    assert [stage.acme.name in each for each in found] == [True, True, False, True, False]
    assert stage.acme.name in str(contents())


def test_links_reach_every_page_people_use(
    stage: Stage, people: list[Client], simulator: Simulator, settings: Any
) -> None:
    settings.LOOK_UPS_A_MINUTE = 0
    give_token(stage.acme, simulator)
    job = simulator.demo_jobs()[5][1]  # a finished one, with files and an envelope
    found = crawl(people[0], ["/", address_of("job", job_id=job)])
    names = {resolve(urlsplit(address).path).view_name for (address, _), it in found.items() if it.status_code == 200}
    assert REACHED - names == set()
    assert [asked for asked, answer in found.items() if answer.status_code >= 500] == []


def test_an_api_that_echoes_the_token_does_not_spread_it(
    stage: Stage, people: list[Client], settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    settings.LOOK_UPS_A_MINUTE = 0
    token = "eyJhbGciOiJFUzI1NiJ9.eyJleHAiOjAsInNjb3BlIjoicmVhZCJ9.do-not-tell-anybody"
    with MisbehavingServer() as server:
        settings.INVOPOP_API_URL = server.url
        api_tokens.put_in_use(stage.acme, Secret(token), None)
        for row in ("U089", "U022"):
            server.fault = row
            seen = _visit(people, JOB_ID) + _crawl(people[:1], JOB_ID)
            for form in forms_of(token):
                assert form not in seen, row
                assert form not in caplog.text, row
                assert form not in str(contents()), row


def test_repr_of_token_holders_hides_it(stage: Stage, simulator: Simulator) -> None:
    token = simulator.tokens["es-live"]
    row = api_tokens.put_in_use(stage.acme, Secret(token), None)
    for shown in (repr(row), str(row), repr(row.__dict__), repr(Secret(token)), str(Secret(token)), f"{Secret(token)}"):
        assert token not in shown


def test_a_ciphertext_moved_to_another_team_cannot_be_decrypted(
    stage: Stage, people: list[Client], simulator: Simulator
) -> None:
    row = api_tokens.put_in_use(stage.acme, Secret(simulator.tokens["es-live"]), None)
    sealed = Token.objects.defer(None).get(pk=row.pk).sealed
    api_tokens.put_in_use(stage.elsewhere, Secret("of.another.team"), None)
    Token.objects.filter(team=stage.elsewhere).update(sealed=sealed)
    before = simulator.requests.count()
    page = people[2].get(f"/teams/elsewhere/jobs/{JOB_ID}/").content.decode()
    assert "can’t be decrypted" in page
    assert simulator.requests.count() == before


def test_no_link_contains_a_secret(stage: Stage, people: list[Client]) -> None:
    """Links are shared and stored in histories, so no URL gives access by itself."""
    page = people[0].get("/teams/acme/settings/").content.decode()
    assert "invite_" not in page
    assert "hook_" not in page


def _visit(people: list[Client], job: str) -> str:
    """Visits every URL of the URL map, even without a link to it."""
    addresses = [address_of(name, job_id=job) for name, (method, _) in RULES.items() if method == "GET"]
    return "\n".join(text_of(client.get(each)) for client in people for each in [*addresses, *ACCOUNT])


def _crawl(people: list[Client], job: str) -> str:
    starts = ["/", address_of("job", job_id=job), *admin_addresses()]
    return "\n".join(text_of(answer) for client in people for answer in crawl(client, starts).values())
