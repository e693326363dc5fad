"""Responses do not reveal whether a team or job exists: they equal those for a missing one, byte for byte."""

import re
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from jobs.models import Snapshot
from jobs.simulator.server import Simulator
from tests.conftest import Stage, give_token
from tests.security.test_answers import address_of
from tests.teams.test_access import OF_A_TEAM, RULES

pytestmark = pytest.mark.slow  # some hundred, each on a database of its own

OF_A_JOB = [name for name in OF_A_TEAM if "/jobs/<" in str(address_of(name)) or "/jobs/0" in address_of(name)]
FORMS = {
    "page": {"Accept": "text/html"},
    "part": {"HX-Request": "true", "HX-PTag": "any"},
    "json": {"Accept": "application/json"},
}
METHODS = ("GET", "HEAD", "POST", "OPTIONS")
Seen = tuple[int, list[tuple[str, str]], bytes]


@pytest.fixture
def job(stage: Stage, simulator: Simulator, as_bob: Client) -> str:
    """A job of Acme that bob has opened; charlie's team has a key to another workspace."""
    give_token(stage.acme, simulator)
    give_token(stage.elsewhere, simulator, "pt-live")
    job = simulator.demo_jobs()[5][1]
    assert as_bob.get(f"/teams/acme/jobs/{job}/").status_code == 200
    return job


@pytest.fixture
def charlie(stage: Stage) -> Client:
    client = Client()
    client.force_login(stage.charlie)
    return client


DIFFERENT = {"X-Request-ID", "X-Checked-At", "X-Session-Left"}  # from one second to the next


def seen(client: Client, method: str, address: str, headers: dict[str, str], *typed: str) -> Seen:
    """Status, headers and body, without the parts that differ between requests and without typed text."""
    answer: Any = client.generic(method, address, headers=headers)
    body = re.sub(rb'name="csrfmiddlewaretoken" value="\w{64}"|"X-CSRFToken": "\w{64}"', b"", answer.content)
    body = re.sub(rb"[\d-]{10}[T ][\d:.]{8,}", b"moment", body)
    body = re.sub(rb'data-left="\d+"', b"", body)
    body = re.sub(rb'<path d="[^"]*"/>', b"", body)  # the end of an id may also occur in an icon
    body = body.replace(answer.headers.get("X-Request-ID", "no id").encode(), b"request")
    fields = [(name, value) for name, value in answer.headers.items() if name not in DIFFERENT]
    for word in typed:
        for part in (word, word[:8], word[-8:], word[-6:], word[-4:]) if len(word) == 36 else (word,):
            body = body.replace(part.encode(), b"typed")
            fields = [(name, value.replace(part, "typed")) for name, value in fields]
    return answer.status_code, fields, body


def beside(job: str) -> str:
    """Another id of the same time, because the page shows when an id was created."""
    return job[:-1] + ("0" if job[-1] != "0" else "1")


@pytest.mark.parametrize("name", OF_A_TEAM)
def test_another_team_looks_like_a_missing_one(charlie: Client, job: str, settings: Any, name: str) -> None:
    """The responses for an existing job, a missing one and a missing team are equal."""
    settings.LOOK_UPS_A_MINUTE = 0  # no limit, because each method is requested in each form
    nowhere = str(uuid4())
    for method, form in product(METHODS, FORMS):
        answers = [
            seen(charlie, method, address_of(name, slug=slug, job_id=job_id), FORMS[form], slug, job_id)
            for slug, job_id in (("acme", job), ("acme", nowhere), ("nnnn", nowhere), ("nnnn", job))
        ]
        assert answers[0][0] == 404 or (answers[0][0] == 405 and method != RULES[name][0]), (method, form)
        assert answers.count(answers[0]) == 4, (method, form)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", [name for name in OF_A_JOB if RULES[name][0] == "GET"])
def test_a_job_of_another_team_looks_like_a_missing_one(charlie: Client, job: str, name: str, form: str) -> None:
    """The API decides which jobs are in the team's workspace; another team's row does not matter."""
    ids = (job, beside(job))
    theirs, none = (
        seen(charlie, "GET", address_of(name, slug="elsewhere", job_id=each), FORMS[form], each) for each in ids
    )
    assert theirs == none
    assert b"Factura" not in theirs[2]
    assert not Snapshot.objects.filter(team__slug="elsewhere", fetched_at__isnull=False).exists()


@pytest.mark.parametrize("form", FORMS)
def test_look_up_does_not_reveal_another_teams_job(charlie: Client, job: str, form: str) -> None:
    ids = (job, beside(job))
    for address in ("/jobs/{}/", "/?q={}", "/teams/elsewhere/?q={}"):
        theirs, none = (seen(charlie, "GET", address.format(each), FORMS[form], each) for each in ids)
        assert theirs == none, address
