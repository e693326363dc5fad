"""Parts of pages are only for htmx: opened directly or from the history, a URL returns a page."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from jobs.simulator.server import Simulator
from jobs.upstream import snapshots
from tests.conftest import Stage, give_token
from tests.security.test_answers import address_of
from tests.teams.test_access import JOB, RULES

PART = {"HX-Request": "true"}
BACK = PART | {"HX-History-Restore-Request": "true"}
BEGIN = b"<!doctype html>"
INSIDE = {"inside": "", "at": "/doc"}
OF_PARTS = {
    "job",
    "case",
    "copy",
    "reading",
    "list",
    "failures",
    "find",
    "watch",
    "runs",
    "envelope",
    "attachment",
    "team",
}
ADDRESSES = [
    (name, {}) for name, (method, _) in RULES.items() if method == "GET" and name not in {"invitation", "unsubscribe"}
]
ADDRESSES += [("envelope", INSIDE), ("envelope", {"line": "0"}), ("envelope", {"q": "a"}), ("events", {"step": "0"})]


@pytest.fixture
def file(stage: Stage, simulator: Simulator) -> tuple[str, str]:
    """A finished job with files and an envelope: its id and the id of a file."""
    give_token(stage.acme, simulator)
    job = str(simulator.demo_jobs()[5][1])
    shown = snapshots.for_page(stage.acme, UUID(job), timezone.now())
    assert shown.job is not None
    return job, shown.job.attachments[0].id


def html_of(answer: Any) -> bytes:
    """The HTML; empty for a file, data or a redirect."""
    is_page = answer.headers.get("Content-Type", "").startswith("text/html") and answer.status_code == 200
    return bytes(answer.content) if is_page else b""


def _sent(answer: Any) -> Any:
    """The response once it is sent: an export holds its turn until then."""
    answer.close()
    return answer


@pytest.mark.parametrize(("name", "query"), ADDRESSES)
def test_only_htmx_gets_a_fragment(as_alice: Client, file: tuple[str, str], name: str, query: dict[str, str]) -> None:
    address = address_of(name, job_id=file[0], file_id=file[1])
    by_hand, part, back = (_sent(as_alice.get(address, query, headers=given)) for given in ({}, PART, BACK))
    assert by_hand.status_code == back.status_code < 400
    assert html_of(by_hand)[: len(BEGIN)] == html_of(back)[: len(BEGIN)] in {BEGIN, b""}
    is_part = bool(html_of(part)) and not html_of(part).startswith(BEGIN)
    assert is_part is (name in OF_PARTS)
    assert not is_part or b"<script" not in html_of(part)
    if html_of(by_hand):
        assert {"HX-Request", "HX-History-Restore-Request"} <= set(by_hand.headers["Vary"].split(", "))


@pytest.mark.parametrize("said", ["", "false", "TRUE", "true, true", "1"])
def test_htmx_is_recognised_by_one_header_value(as_alice: Client, file: tuple[str, str], said: str) -> None:
    assert html_of(as_alice.get(address_of("job", job_id=file[0]), headers={"HX-Request": said})).startswith(BEGIN)


def test_history_restore_of_a_missing_page_gets_a_whole_page(as_charlie: Client) -> None:
    answers = [as_charlie.get(address_of("job"), headers=given) for given in ({}, PART, BACK)]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert [answer.content.lstrip().startswith(BEGIN) for answer in answers] == [True, False, True]


def test_history_restore_after_expiry_redirects_to_login(stage: Stage, client: Client) -> None:
    """htmx ignores HX-Redirect when it restores history."""
    address = f"/teams/acme/jobs/{JOB}/"
    answer = client.get(address, headers=BACK)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/accounts/login/?next={address}")
