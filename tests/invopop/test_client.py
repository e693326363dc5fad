"""The client: what it sends, where, with which headers; and that the API key is never exposed."""

import inspect
import json
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import requests
from pytest_httpserver import HTTPServer

from jobs.invopop import client as module
from jobs.invopop import job_payload
from jobs.invopop.client import LIMITS, Client
from jobs.invopop.errors import APIError, NoSuchJob, Refused, Unavailable
from tests.invopop.asking import TOKEN, OpaqueToken, check, check_nothing_leaks, client
from tests.misbehaving import FAULTS, Exchange, Fault, MisbehavingServer, job, row
from tests.misbehaving.job import JOB_ID
from tests.misbehaving.texts import HOSTILE, in_each_field

CALLS: dict[str, Callable[[Client], object]] = {
    f"/transform/v1/jobs/{JOB_ID}": lambda asked: asked.job(JOB_ID),
    "/transform/v1/jobs/key/a%2Fb%20c%3Fd%23e%25": lambda asked: asked.job_by_key("a/b c?d#e%"),
    "/transform/v1/jobs/key/caf%C3%A9": lambda asked: asked.job_by_key("café"),
    "/transform/v1/jobs/key/..%2F..%2Faccess": lambda asked: asked.job_by_key("../../access"),
    "/transform/v1/jobs?limit=20": lambda asked: asked.jobs(),
    "/transform/v1/jobs?created_at=2026-03-02T09%3A15%3A00Z&cursor=a%26b&limit=100": lambda asked: asked.jobs(
        "2026-03-02T09:15:00Z", "a&b", 100
    ),
    f"/transform/v1/workflows/{JOB_ID}": lambda asked: asked.workflow(UUID(JOB_ID)),
    "/transform/v1/workflows?limit=100": lambda asked: asked.workflows(),
    f"/silo/v1/entries/{JOB_ID}": lambda asked: asked.entry(JOB_ID.upper()),
    "/access/v1/workspace": lambda asked: asked.workspace(),
    "/utils/v1/ping": lambda asked: asked.ping(),
}


@pytest.mark.parametrize("path", CALLS)
def test_each_call_requests_one_address(server: MisbehavingServer, path: str) -> None:
    CALLS[path](client(server))
    assert [asked.path for asked in server.requests] == [path]


def test_requests_identify_only_us(server: MisbehavingServer) -> None:
    client(server).job(JOB_ID)
    headers = server.requests[0].headers
    assert headers == {
        "host": f"127.0.0.1:{server.port}",
        "authorization": f"Bearer {TOKEN}",
        "user-agent": headers["user-agent"],
        "accept": "application/json",
        "accept-encoding": "gzip",
    }
    assert headers["user-agent"].startswith("invopop-jobs-dashboard/")


def test_an_id_is_accepted_in_any_uuid_notation(server: MisbehavingServer) -> None:
    for written in (UUID(JOB_ID), JOB_ID.upper(), f"{{{JOB_ID}}}", f"urn:uuid:{JOB_ID}"):
        client(server).job(written)
    assert {asked.path for asked in server.requests} == {f"/transform/v1/jobs/{JOB_ID}"}


@pytest.mark.parametrize("written", ["", "job", "../workspace", f"{JOB_ID}/..", f"{JOB_ID}?x", "0" * 31, "\u0660" * 31])
def test_only_a_uuid_reaches_the_api(server: MisbehavingServer, written: str) -> None:
    for call in (client(server).job, client(server).entry):
        with pytest.raises(ValueError, match="UUID"):
            call(written)
    assert server.requests == []


@pytest.mark.parametrize("key", ["", ".", "..", "..."])
def test_a_key_of_dots_is_not_requested(server: MisbehavingServer, key: str) -> None:
    for call in (client(server).job_by_key, client(server).workflow):
        with pytest.raises(NoSuchJob):
            call(key)
    assert server.requests == []


def test_a_base_address_may_have_a_path_and_a_slash(server: MisbehavingServer) -> None:
    Client(f"{server.url}/mirror/", OpaqueToken()).ping()
    assert server.requests[0].path == "/mirror/utils/v1/ping"


def test_the_real_limits_match_the_documented_ones() -> None:
    assert (LIMITS.connect, LIMITS.silence, LIMITS.total) == (2, 3, 5)
    assert (LIMITS.wire, LIMITS.decoded, LIMITS.error) == (10_000_000, 10_000_000, 64_000)


# The token


@pytest.mark.parametrize("text", ["", " ", "two words", "line\nbreak", "line\r\nX: y", "caf\xe9", "\u20ac", "a\0b"])
def test_a_token_unfit_for_a_header_is_refused_and_nothing_is_sent(server: MisbehavingServer, text: str) -> None:
    with pytest.raises(Refused) as caught:
        client(server, token=text).job(JOB_ID)
    assert server.requests == []
    assert not text.strip() or text not in repr(caught.value)


def test_the_token_is_revealed_at_the_last_moment(server: MisbehavingServer) -> None:
    """So that a replaced API key is used at once."""

    class Changing:
        text = "old"

        def reveal(self) -> str:
            return self.text

    token = Changing()
    asked = Client(server.url, token)
    token.text = "new"
    asked.ping()
    assert server.requests[0].headers["authorization"] == "Bearer new"


def test_netrc_and_proxy_variables_are_ignored(
    server: MisbehavingServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert requests.utils.get_netrc_auth(server.url) == ("somebody", "else"), "the trap is not set"
    client(server).ping()
    assert server.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_repr_of_a_client_hides_the_token() -> None:
    asked = Client("http://127.0.0.1:9", OpaqueToken())
    shown = repr(asked) + repr(vars(asked)) + repr(vars(vars(asked)["_token"]))
    assert TOKEN not in shown


def test_an_error_inside_a_library_hides_the_token(server: MisbehavingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def burst(*args: object, **kwargs: object) -> None:
        raise RuntimeError(f"request was {args} {kwargs} {TOKEN}")

    monkeypatch.setattr("http.client.HTTPResponse.begin", burst)
    with pytest.raises(Unavailable) as caught:
        client(server).job(JOB_ID)
    check_nothing_leaks(caught.value)
    assert caught.value.reason == "unexpected RuntimeError"


@pytest.mark.parametrize(
    "fault", ["U002", "U019", "U022 401 that repeats the token", "U044 RST in the body", "U060", "U070"]
)
def test_a_report_with_every_local_variable_hides_the_token(server: MisbehavingServer, fault: str) -> None:
    server.fault = fault
    with pytest.raises(APIError) as caught:
        client(server).job(JOB_ID)
    report = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert TOKEN not in "".join(report.format())


def test_running_out_of_threads_is_retried_later(server: MisbehavingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*given: object, **named: object) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as short:
        short.setattr("threading.Thread.start", exhausted)
        with pytest.raises(Unavailable):
            client(server).ping()
    client(server).ping()
    assert len(server.requests) == 1


def test_an_unrevealable_token_raises_one_of_our_errors(server: MisbehavingServer) -> None:
    class Sealed:
        def reveal(self) -> str:
            raise RuntimeError(TOKEN)

    with pytest.raises(APIError) as caught:
        Client(server.url, Sealed()).job(JOB_ID)
    check_nothing_leaks(caught.value)


@pytest.mark.parametrize(
    "where",
    ["https://elsewhere.example/", "/access/v1/workspace", "http://127.0.0.1:{port}/hooks/", "//127.0.0.1:{port}/x"],
)
def test_the_token_is_sent_to_no_other_address(server: MisbehavingServer, httpserver: HTTPServer, where: str) -> None:
    location = where.format(port=httpserver.port)

    def play(exchange: Exchange) -> None:
        exchange.answer(307, exchange.job(), [("Location", location), ("Refresh", f"0; url={location}")])

    server.fault = Fault("U030", "to a listener", frozenset({"reject"}), play)
    with pytest.raises(APIError):
        client(server).job(JOB_ID)
    assert len(server.requests) == 1
    assert httpserver.log == []


def test_every_client_call_is_in_this_list() -> None:
    calls = {name for name, _ in inspect.getmembers(module.Client, inspect.isfunction) if not name.startswith("_")}
    assert calls == {"job", "job_by_key", "jobs", "workflow", "workflows", "entry", "search", "workspace", "ping"}


ROWS = sorted(
    {fault.row for fault in FAULTS if "U069" <= fault.row <= "U129" or fault.row in {"U140", "U150"}} - {"U088"}
)


@pytest.mark.parametrize("name", ROWS)
def test_each_fault_has_its_expected_result(server: MisbehavingServer, name: str) -> None:
    wrong = []
    for fault in row(name):
        try:
            check(server, fault)
        except AssertionError:
            wrong.append(str(fault))
        server.forget()
    assert wrong == []


@pytest.mark.parametrize("name", ["U074", "U075", "U078", "U082", "U114", "U118"])
def test_valid_bodies_arrive_byte_for_byte_and_parse(server: MisbehavingServer, name: str) -> None:
    for fault in row(name):
        if "reject" in fault.expect:
            continue
        server.fault = fault
        body = client(server).job(job.JOB_ID)
        assert job_payload.parse(body).id == job.JOB_ID


@pytest.mark.parametrize("group", sorted({row for row, _, _ in HOSTILE}))
def test_a_hostile_text_in_one_field_changes_nothing_else(server: MisbehavingServer, group: str) -> None:
    text = next(text for row, _, text in HOSTILE if row == group)[:500]
    for _path, value in in_each_field(text):
        assert json.loads(_served(server, value)) == value


def test_a_job_that_repeats_the_api_key_arrives_without_it(server: MisbehavingServer) -> None:
    server.fault = "U089"
    body = client(server).job(job.JOB_ID)
    assert TOKEN.encode() not in body
    assert job_payload.parse(body).id == job.JOB_ID


def _served(server: MisbehavingServer, value: Any) -> bytes:
    from tests.misbehaving.table import Fault

    body = json.dumps(value).encode()

    def play(exchange: Any) -> None:
        exchange.keep = True
        exchange.answer(200, body)

    server.fault = Fault("test", "one body", frozenset({"show"}), play)
    return client(server).job(job.JOB_ID)
