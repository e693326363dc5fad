"""No fault of the API causes an error on the page: every fault, in three states of the page."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from jobs.encryption import Secret
from jobs.invopop import client as invopop_client
from jobs.invopop.transport import Limits
from jobs.models import Origin, Snapshot, Token
from jobs.teams import api_tokens
from jobs.upstream import attempt, refresh
from jobs.views import live_part
from tests.conftest import Stage
from tests.invopop.asking import PACE, QUICK, TOKEN
from tests.misbehaving import FAULTS, Fault, MisbehavingServer, find, row
from tests.misbehaving.over_time import after_two_good, recovering
from tests.pages import assert_inert, assert_token_absent

pytestmark = pytest.mark.slow  # about a hundred, each with a separate database

NEEDS_TLS = {"U145"}
OVER_TIME = {"U100", "U132", "U133", "U134", "U135", "U136", "U137", "U138", "U139", "U147", "U148", "U088"}
ROWS = sorted({fault.row for fault in FAULTS} - OVER_TIME - NEEDS_TLS)
TELLING = ["U002 401 message", "U005 404 empty", "U011", "U019 503", "U045 FIN in the body", "U070 half"]  # by class
VIEWS = ("status.json", "job.json", "envelope/", "envelope.json", "events/?step=0", "runs/")
READABLE = {200, 302, 304, 404}
Ask = Callable[..., Any]


def _may_bring_nothing(fault: Fault) -> bool:
    return bool(fault.expect - {"show", "partial"})


@pytest.fixture(scope="module")
def shared_server() -> Iterator[MisbehavingServer]:
    with MisbehavingServer() as server:
        yield server


@pytest.fixture
def server(shared_server: MisbehavingServer, settings: Any, monkeypatch: pytest.MonkeyPatch) -> MisbehavingServer:
    """A server with pauses of a tenth; client deadlines are shortened accordingly."""

    def client(*given: Any) -> invopop_client.Client:
        is_slow = shared_server.fault is not None and shared_server.fault.slow
        return invopop_client.Client(*given, limits=QUICK if is_slow else Limits())

    settings.INVOPOP_API_URL = shared_server.url
    settings.LOOK_UPS_A_MINUTE = 0
    shared_server.forget()
    shared_server.pace = PACE
    monkeypatch.setattr(attempt, "Client", client)
    return shared_server


@pytest.fixture
def person(server: MisbehavingServer, stage: Stage, as_bob: Client) -> Client:
    api_tokens.put_in_use(stage.acme, Secret(TOKEN), None)
    return as_bob


@pytest.mark.parametrize("name", ROWS)
def test_the_page_reports_the_fault_without_a_copy(server: MisbehavingServer, person: Client, name: str) -> None:
    for fault in row(name):
        job = _new_job()
        _begin(server, fault)
        page = _get(person, job)
        _settle()
        error = _get(person, job, "status.json").json()["error"]
        assert _as_words(error) & fault.expect, f"{fault}: {error}"
        _check_page(page.content)
        for view in VIEWS if fault in row(name)[:4] else ():
            _check_page(_get(person, job, view).content if view != "job.json" else b"")


@pytest.mark.parametrize("name", [name for name in ROWS if any(map(_may_bring_nothing, row(name)))])
def test_the_good_copy_stays_with_its_age_and_the_reason(server: MisbehavingServer, person: Client, name: str) -> None:
    for fault in filter(_may_bring_nothing, row(name)):
        job = _new_job()
        _begin(server, None)
        _get(person, job)
        before = Snapshot.objects.get(job_id=job)
        _begin(server, fault)
        for _ in range(2):
            _poll_what_is_due(person, job)
        after = Snapshot.objects.get(job_id=job)
        fragment = _poll(person, job)
        assert fragment.status_code == 200, str(fault)
        _check_page(fragment.content)
        if after.trouble:
            assert _as_words(after.trouble) & fault.expect, f"{fault}: {after.trouble}"
            assert (after.version, after.fetched_at) == (before.version, before.fetched_at), str(fault)
            assert b"data-stale" in fragment.content, str(fault)
            assert b'id="trouble"' in fragment.content, str(fault)
            assert f"{before.outcome}".encode() in fragment.content
        else:
            assert fault.expect & {"show", "partial"}, str(fault)


@pytest.mark.parametrize("what", ROWS)
def test_eight_watchers_cost_one_attempt_and_see_the_same(server: MisbehavingServer, person: Client, what: str) -> None:
    job = _new_job()
    _begin(server, None)
    _get(person, job)
    _begin(server, find(what))
    _make_due(job)
    server.requests.clear()
    with ThreadPoolExecutor(8) as watchers:
        answers = list(watchers.map(lambda _: _poll(_same_person(person), job), range(8)))
        _settle()
        assert {answer.status_code for answer in answers} <= {200, 304}
        assert len(server.requests) <= 2  # a broken connection is retried once
        _put_off(job)  # otherwise some of them would see the next response
        after = list(watchers.map(lambda _: _poll(_same_person(person), job), range(8)))
    assert len({re.sub(rb'data-poll-ms="\d+"', b"", answer.content) for answer in after}) == 1
    _check_page(after[0].content)


@pytest.mark.parametrize("what", TELLING)
def test_a_persistent_fault_leaves_the_last_good_copy(server: MisbehavingServer, person: Client, what: str) -> None:
    fault = find(what)
    job = _new_job()
    _begin(server, after_two_good(fault))
    _get(person, job)
    for _ in range(5):
        _poll_what_is_due(person, job)
    body = _get(person, job, "status.json").json()
    assert body["stale"]
    assert _as_words(body["error"]) & fault.expect
    assert body["outcome"] == "failing"


@pytest.mark.parametrize("what", ["U019 503", "U045 FIN in the body", "U070 half", "U011", "U038 hang in a header"])
def test_a_transient_fault_is_cleared_by_the_next_good_response(
    server: MisbehavingServer, person: Client, what: str
) -> None:
    fault = find(what)
    job = _new_job()
    _begin(server, recovering(fault, times=3))
    _get(person, job)
    for _ in range(5):
        Token.objects.update(throttled_until=None)
        Origin.objects.all().delete()
        _poll_what_is_due(person, job)
    fragment = _poll(person, job)
    assert b"data-stale" not in fragment.content
    assert b'data-outcome="failing"' in fragment.content


@pytest.mark.parametrize("what", ["U005 404 empty", "U002 401 message"])
def test_a_refusal_stops_polling_until_a_manual_refresh(server: MisbehavingServer, person: Client, what: str) -> None:
    job = _new_job()
    _begin(server, find(what))
    _get(person, job)
    assert b'data-poll-ms="0"' in _poll(person, job).content
    server.fault = None
    server.requests.clear()
    _poll(person, job)
    _settle()
    assert server.requests == []
    Snapshot.objects.update(asked_at=timezone.now() - timedelta(seconds=6))
    person.post(f"/teams/acme/jobs/{job}/refresh/")
    _settle()
    assert b'data-outcome="failing"' in _poll(person, job).content


def test_a_job_of_the_first_token_is_shown_to_its_team_only(
    server: MisbehavingServer, person: Client, stage: Stage, client: Client
) -> None:
    job = _new_job()
    api_tokens.put_in_use(stage.elsewhere, Secret(TOKEN + "2"), None)
    server.fault = "U088"
    assert b'data-outcome="failing"' in _get(person, job).content
    other = Client()
    other.force_login(stage.charlie)
    assert other.get(f"/teams/elsewhere/jobs/{job}/").status_code == 404
    assert b'data-outcome="failing"' in _get(person, job).content


@pytest.mark.parametrize("name", ["U100", "U136", "U147"])
def test_invisible_changes_do_not_update_the_page(server: MisbehavingServer, person: Client, name: str) -> None:
    """Another order of events or names, or another updated_at: the poll gets no body."""
    for fault in row(name):
        job = _new_job()
        _begin(server, fault)
        _get(person, job)
        tag = re.search(rb'"HX-PTag": "([^"]+)"', _poll(person, job).content)
        assert tag
        for _ in range(3):
            _make_due(job)
            _poll(person, job, tag=tag[1].decode())
            _settle()
        assert _poll(person, job, tag=tag[1].decode()).status_code == 304, str(fault)


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("U135 completes, then runs again", ["completed"]),
        ("U135 loses steps", ["failing", "running"]),
        ("U137", ["failing", "running"]),
        ("U138", ["failing"]),
        ("U139", ["failing"]),
    ],
)
def test_constantly_changing_content_stays_readable(
    server: MisbehavingServer, person: Client, what: str, says: list[str]
) -> None:
    job = _new_job()
    _begin(server, find(what))
    _get(person, job)
    for _ in range(6):
        _poll_what_is_due(person, job)
        fragment = _poll(person, job)
        assert fragment.status_code == 200
        _check_page(fragment.content)
    body = _get(person, job, "status.json").json()
    assert body["outcome"] in says
    assert body["error"] == ("throttle" if what == "U139" else None)


def test_machines_get_the_same_information(server: MisbehavingServer, person: Client) -> None:
    """status.json with a copy, in each kind of trouble: the age of the copy, and why there is no newer one."""
    for what in TELLING:
        job = _new_job()
        _begin(server, None)
        good = _get_status(person, job)
        assert (good["stale"], good["error"]) == (False, None)
        _begin(server, find(what))
        for _ in range(2):
            _poll_what_is_due(person, job)
        said = _get_status(person, job)
        assert said["stale"], what
        assert _as_words(said["error"]) == find(what).expect
        assert (said["fetched_at"], said["outcome"]) == (good["fetched_at"], good["outcome"])


def test_a_lagging_replica_does_not_turn_the_page_back(server: MisbehavingServer, person: Client) -> None:
    job = _new_job()
    server.fault = "U134"
    _get(person, job)
    seen = set()
    for _ in range(4):
        _poll_what_is_due(person, job)
        seen.add(_poll(person, job).content.count(b'id="intent-'))
    assert seen == {2}


def test_one_failure_between_two_good_responses_is_not_shown(server: MisbehavingServer, person: Client) -> None:
    """Alternating correct responses and 503, with a 502 every third time: no flicker."""
    for name in ("U133", "U148"):
        job = _new_job()
        _begin(server, name)
        _get(person, job)
        for _ in range(6):
            _poll_what_is_due(person, job)
            assert b"data-stale" not in _poll(person, job).content


def test_nothing_is_requested_before_retry_after(server: MisbehavingServer, person: Client) -> None:
    """Fifty watchers of three jobs cause no request while the API key is throttled."""
    jobs = [_new_job() for _ in range(3)]
    for job in jobs:
        _get(person, job)
    _begin(server, "U012")
    _poll_what_is_due(person, jobs[0])
    server.requests.clear()
    for number in range(50):
        job = jobs[number % 3]
        _make_due(job)
        _poll(person, job)
    _settle()
    assert server.requests == []
    assert _get(person, jobs[0], "status.json").json()["error"] == "throttle"


def _new_job() -> UUID:
    return uuid4()


def _begin(server: MisbehavingServer, fault: Fault | str | None) -> None:
    """Resets everything, so that an earlier fault does not affect this one."""
    server.fault = fault
    Origin.objects.all().delete()
    Token.objects.update(refused_at=None, throttled_until=None)
    live_part._rendered.clear()
    live_part._answers.clear()


def _get(person: Client, job: UUID, view: str = "") -> Any:
    response = person.get(f"/teams/acme/jobs/{job}/{view}")
    assert response.status_code in READABLE, f"{view}: {response.status_code}"
    return response


def _get_status(person: Client, job: UUID) -> dict[str, Any]:
    _get(person, job)
    _settle()
    return dict(_get(person, job, "status.json").json())


def _poll(person: Client, job: UUID, tag: str = "none") -> Any:
    return person.get(f"/teams/acme/jobs/{job}/", headers={"HX-Request": "true", "HX-PTag": tag})


def _poll_what_is_due(person: Client, job: UUID) -> None:
    _make_due(job)
    _poll(person, job)
    _settle()


def _make_due(job: UUID) -> None:
    due = Snapshot.objects.filter(job_id=job, next_at__isnull=False)
    due.update(next_at=timezone.now() - timedelta(seconds=1))


def _put_off(job: UUID) -> None:
    due = Snapshot.objects.filter(job_id=job, next_at__isnull=False)
    due.update(next_at=timezone.now() + timedelta(minutes=10))


def _settle() -> None:
    wait(list(refresh._under_way.values()), timeout=15)


def _same_person(person: Client) -> Client:
    again = Client()
    again.cookies = person.cookies
    return again


def _check_page(content: bytes) -> None:
    assert_token_absent(content, TOKEN)
    if b"<" in content[:50]:
        assert_inert(content)


def _as_words(error: str | None) -> set[str]:
    return {error} if error else {"show", "partial"}
