"""Who gets what at every URL of the jobs application. A new URL without a row here fails."""

import re
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jobs import urls
from jobs.models import Team
from jobs.simulator import Simulator
from jobs.upstream import snapshots
from tests.conftest import Stage, give_second_factor, give_token

JOB = "0198c0de-0000-7000-8000-000000000001"
EVERYBODY, MEMBER, MANAGER, MACHINE = "everybody signed in", "members", "managers", "the workflow, with its secret"
INVITED = "who has the link"
ANYBODY = "anybody"
RULES = {
    "home": ("GET", EVERYBODY),
    "openapi": ("GET", ANYBODY),
    "opensearch": ("GET", ANYBODY),
    "manifest": ("GET", ANYBODY),
    "share": ("POST", EVERYBODY),
    "help": ("GET", EVERYBODY),
    "watch": ("GET", EVERYBODY),
    "find": ("GET", EVERYBODY),
    "team": ("GET", MEMBER),
    "list": ("GET", MEMBER),
    "list_json": ("GET", MEMBER),
    "list_csv": ("GET", MEMBER),
    "failures": ("GET", MEMBER),
    "trends": ("GET", MEMBER),
    "saved_views": ("POST", MEMBER),
    "failures_json": ("GET", MEMBER),
    "failures_csv": ("GET", MEMBER),
    "reading": ("GET", MEMBER),
    "read_now": ("POST", MEMBER),
    "sweep": ("POST", MANAGER),
    "records_csv": ("GET", MANAGER),
    "settings": ("GET", MANAGER),
    "token": ("POST", MANAGER),
    "member": ("POST", MANAGER),
    "protection": ("POST", MANAGER),
    "invite": ("POST", MANAGER),
    "audit": ("GET", MANAGER),
    "audit_csv": ("GET", MANAGER),
    "cases_csv": ("GET", MANAGER),
    "invitation": ("GET", INVITED),
    "webhook": ("POST", MANAGER),
    "notifications": ("GET", MANAGER),
    "channel": ("POST", MANAGER),
    "channel_change": ("POST", MANAGER),
    "rule": ("POST", MANAGER),
    "own_mails": ("POST", MANAGER),
    "unsubscribe": ("GET", INVITED),
    "access_token": ("POST", MANAGER),
    "hook": ("POST", MACHINE),
    "job": ("GET", MEMBER),
    "status": ("GET", MEMBER),
    "body": ("GET", MEMBER),
    "refresh": ("POST", MEMBER),
    "pin": ("POST", MEMBER),
    "follow": ("POST", MEMBER),
    "case": ("GET", MEMBER),
    "case_note": ("POST", MEMBER),
    "case_holder": ("POST", MEMBER),
    "case_state": ("POST", MEMBER),
    "case_ticket": ("POST", MEMBER),
    "case_pin": ("POST", MEMBER),
    "workflow": ("GET", MEMBER),
    "runs": ("GET", MEMBER),
    "copy": ("GET", MEMBER),
    "console": ("GET", MEMBER),
    "events": ("GET", MEMBER),
    "envelope": ("GET", MEMBER),
    "envelope_download": ("GET", MEMBER),
    "compare": ("GET", MEMBER),
    "attachment": ("GET", MEMBER),
    "attachments": ("GET", MEMBER),
}
OF_A_TEAM = [name for name, (_, who) in RULES.items() if who in (MEMBER, MANAGER)]


def test_every_address_has_a_rule() -> None:
    assert {pattern.name for pattern in urls.urlpatterns} == set(RULES)


@pytest.mark.parametrize("name", [name for name, (_, who) in RULES.items() if who not in (MACHINE, INVITED, ANYBODY)])
def test_anonymous_visitors_are_sent_to_login(stage: Stage, client: Client, name: str) -> None:
    response = _ask(client, name, "acme")
    assert response[0] == 302
    assert response[2].startswith("/accounts/login/")


@pytest.mark.parametrize("name", OF_A_TEAM)
def test_a_stranger_cannot_tell_a_team_from_a_missing_one(as_charlie: Client, name: str) -> None:
    theirs, nowhere = _ask(as_charlie, name, "acme"), _ask(as_charlie, name, "nnnn")
    assert theirs[0] == 404
    assert _without_nonces(theirs[1], "acme") == _without_nonces(nowhere[1], "nnnn")


@pytest.mark.parametrize("name", OF_A_TEAM)
def test_a_viewer_gets_member_pages_and_no_manager_pages(
    stage: Stage, as_bob: Client, simulator: Simulator, name: str
) -> None:
    assert _is_answered(as_bob, name, stage, simulator) is (RULES[name][1] == MEMBER)


@pytest.mark.parametrize("name", [name for name, (_, who) in RULES.items() if who == MANAGER])
def test_a_manager_gets_manager_pages(stage: Stage, as_alice: Client, simulator: Simulator, name: str) -> None:
    assert _is_answered(as_alice, name, stage, simulator)


@pytest.mark.parametrize("name", OF_A_TEAM)
def test_a_team_requiring_a_second_factor_is_closed_without_one(
    stage: Stage, as_alice: Client, simulator: Simulator, name: str
) -> None:
    Team.objects.update(requires_second_factor=True)
    simulator.requests.clear()
    assert not _is_answered(as_alice, name, stage, simulator)
    assert _ask(as_alice, name, "acme")[0] == 403
    give_second_factor(stage.alice)
    assert _is_answered(as_alice, name, stage, simulator)


def test_a_webhook_without_the_secret_is_refused(stage: Stage, client: Client) -> None:
    assert _ask(client, "hook", "acme")[0] == _ask(client, "hook", "nnnn")[0] == 401


def _is_answered(client: Client, name: str, stage: Stage, simulator: Simulator) -> bool:
    give_token(stage.acme, simulator)
    job = simulator.demo_jobs()[5][1]  # a finished one, with files and an envelope
    shown = snapshots.for_page(stage.acme, UUID(job), timezone.now())
    assert shown.job is not None
    given = {"step": "0"} if name == "events" else {}
    return _ask(client, name, "acme", job, shown.job.attachments[0].id, given)[0] < 400


def _ask(
    client: Client, name: str, slug: str, job: str = JOB, file: str = "file", query: dict[str, str] | None = None
) -> tuple[int, bytes, str]:
    given = {"slug": slug, "job_id": job, "file_id": file, "secret": "invite_nobody"}
    pattern = next(pattern for pattern in urls.urlpatterns if pattern.name == name)
    address = reverse(f"jobs:{name}", kwargs={key: given[key] for key in pattern.pattern.converters})
    headers = {"Accept": "text/html"}  # a browser: scripts without a token get a 401
    response = client.generic(RULES[name][0], address, query_params=query or {}, headers=headers)
    content = b"" if response.streaming else response.content
    return response.status_code, content, response.get("Location", "")


def _without_nonces(page: bytes, slug: str) -> bytes:
    """The page without what differs from request to request: the form's CSRF value, the request id, the address."""
    page = re.sub(rb'(csrfmiddlewaretoken" value=|CSRFToken": ?)"[^"]*"', b"", page).replace(slug.encode(), b"team")
    return re.sub(rb"\b[0-9a-f]{12,32}\b", b"", page)


def test_only_managers_see_the_settings_link(stage: Stage, as_bob: Client) -> None:
    alice = Client()
    alice.force_login(stage.alice)
    assert b"/teams/acme/settings/" in alice.get("/teams/acme/").content
    assert b"/teams/acme/settings/" not in as_bob.get("/teams/acme/").content
