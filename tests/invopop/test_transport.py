"""An attempt over a connection ends in time whatever the server does, and has no effect on later ones."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from jobs.invopop.client import Client
from jobs.invopop.errors import APIError, NoSuchJob, Unavailable
from jobs.invopop.transport import BUFFER, IDLE, Limits
from tests.invopop.asking import LATE, PACE, QUICK, OpaqueToken, check, check_nothing_leaks, client, outcome
from tests.misbehaving import FAULTS, Exchange, Fault, MisbehavingServer, find, row
from tests.misbehaving.job import JOB_ID, OTHER_ID
from tests.misbehaving.over_time import after_two_good, recovering
from tests.misbehaving.tls import Authority, authority, closed_port, full_port

WIDE = 60.0


@contextmanager
def ending_within(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds + LATE


@pytest.mark.parametrize("what", ["U037", "U038 hang in a header", "U039 hang in the body", "U039 hang in a chunk"])
def test_the_total_timeout_ends_an_allowed_silence(server: MisbehavingServer, what: str) -> None:
    server.fault = what
    with ending_within(0.3):
        assert outcome(client(server, Limits(connect=WIDE, silence=WIDE, total=0.3))) == "stale"


@pytest.mark.parametrize("what", ["U037", "U038 hang in a header", "U039 hang in the body", "U039 hang in a chunk"])
def test_the_read_timeout_ends_an_attempt_with_time_left(server: MisbehavingServer, what: str) -> None:
    server.fault = what
    with ending_within(0.2):
        assert outcome(client(server, Limits(connect=WIDE, silence=0.2, total=WIDE))) == "stale"


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("U028 100s for ever, as fast as they go", "stale"),
        ("U046 long headers without end", "stale"),
        ("U046 headers without end", "reject"),
        ("U046 trailers without end", "reject"),
        ("U046 chunks without end", "reject"),
        ("U046 10 TB, stated and begun", "reject"),
    ],
)
def test_the_byte_limit_ends_an_attempt_with_time_left(server: MisbehavingServer, what: str, expected: str) -> None:
    server.fault = what
    with ending_within(3):
        assert outcome(client(server, Limits(WIDE, WIDE, WIDE))) == expected


def test_only_the_beginning_of_an_error_body_is_read(server: MisbehavingServer) -> None:
    def play(exchange: Exchange) -> None:
        exchange.head(404, [("Content-Length", "200000")])
        exchange.send(b"x" * 100_000)
        exchange.hang()

    server.fault = Fault("U006", "a long 404 that stops", frozenset({"gone"}), play)
    with ending_within(1):
        assert outcome(client(server, Limits(WIDE, WIDE, WIDE))) == "gone"


def test_both_attempts_share_one_total_timeout(server: MisbehavingServer) -> None:
    """The first connection breaks late, and the second has only the remaining time."""

    def play(exchange: Exchange) -> None:
        exchange.pause(0.2)
        if exchange.number == 1:
            exchange.reset()
        exchange.hang()

    server.fault = Fault("U044", "late", frozenset({"stale"}), play)
    with ending_within(0.4):
        assert outcome(client(server, Limits(WIDE, WIDE, 0.4))) == "stale"
    assert len(server.requests) == 2


def test_a_second_response_in_the_tls_buffer_is_detected(tmp_path_factory: pytest.TempPathFactory) -> None:
    """It is neither in our buffer nor in the socket: a TLS record has 16 KB, and we read 8 at a time."""

    def play(exchange: Exchange) -> None:
        exchange.keep = True
        first = _answer(exchange.job(key="k" * (BUFFER - len(_answer(exchange.job(key=""))) - 1)) + b" ")
        assert len(first) == BUFFER
        exchange.send(first + _answer(exchange.job(id=OTHER_ID)))

    ca = authority(tmp_path_factory.mktemp("tls"))
    with MisbehavingServer(tls=ca.context()) as server:
        server.fault = Fault("U048", "in one record", frozenset({"show"}), play)
        asked = Client(server.url, OpaqueToken(), authorities=ca.file)
        for _ in range(3):
            asked.job(JOB_ID)
        assert server.connections == len(server.requests) == 3


def _answer(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %04d\r\n\r\n%b" % (len(body), body)


ROWS = [f"U{number:03d}" for number in [*range(1, 48), *range(49, 69), 141, 149]]


@pytest.mark.parametrize("fault", [fault for name in ROWS for fault in row(name)], ids=str)
def test_each_fault_has_its_expected_result(server: MisbehavingServer, fault: Fault) -> None:
    check(server, fault)


LONGER = ["U100", "U132", "U133", "U134", "U135", "U136", "U137", "U138", "U139", "U147", "U148"]


CLEAN = ["U019 503", "U002 401 message", "U005 404 empty", "U012", "U048 an answer nobody asked for, in one packet"]


@pytest.mark.parametrize("fault", [fault for name in LONGER for fault in row(name)], ids=str)
def test_each_of_six_faulty_responses_is_judged_alone(server: MisbehavingServer, fault: Fault) -> None:
    server.fault = fault
    found = [outcome(client(server)) for _ in range(6)]
    assert set(found) <= {"show" if word == "partial" else word for word in fault.expect}
    assert len(server.requests) == 6


@pytest.mark.parametrize("what", ["U019 503", "U002 401 html", "U011", "U070 half", "U045 FIN in the body"])
def test_a_fault_after_two_good_responses_is_reported(server: MisbehavingServer, what: str) -> None:
    server.fault = after_two_good(find(what))
    expected = next(iter(find(what).expect))
    assert [outcome(client(server)) for _ in range(5)] == ["show", "show", expected, expected, expected]


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.row in {"U046", "U051", "U057", "U060"}], ids=str)
def test_a_new_connection_is_used_after_a_fault(server: MisbehavingServer, fault: Fault) -> None:
    server.fault = recovering(fault)
    check(server, server.fault) if not fault.slow else None
    connections = {asked.connection for asked in server.requests}
    assert len(connections) == len(server.requests)


def test_good_responses_share_a_connection(server: MisbehavingServer) -> None:
    for _ in range(5):
        client(server).job(JOB_ID)
    assert len({asked.connection for asked in server.requests}) == 1


@pytest.mark.parametrize("status", ["U005 404 message", "U002 401 message", "U019 503"])
def test_a_fully_read_error_keeps_its_connection(server: MisbehavingServer, status: str) -> None:
    server.sequence(status, None)
    outcome(client(server))
    outcome(client(server))
    assert len({asked.connection for asked in server.requests}) == 1


def test_a_closed_pooled_connection_is_replaced_silently(server: MisbehavingServer) -> None:
    server.fault = "U047 keep-alive promised, then closed"
    assert [outcome(client(server)) for _ in range(4)] == ["show"] * 4


def test_a_pooled_connection_reset_during_the_request_is_retried_once(server: MisbehavingServer) -> None:
    server.fault = "U047 keep-alive promised, then reset by the next request"
    assert [outcome(client(server)) for _ in range(3)] == ["show"] * 3
    assert len(server.requests) == 5  # the second and the third met a reset


def test_a_connection_idle_too_long_is_not_reused(server: MisbehavingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    client(server).job(JOB_ID)
    assert IDLE > 0
    monkeypatch.setattr("jobs.invopop.transport.IDLE", -1.0)
    client(server).job(JOB_ID)
    assert len({asked.connection for asked in server.requests}) == 2


@pytest.mark.parametrize("name", [str(fault) for fault in row("U048")])
def test_an_unsolicited_response_is_discarded(server: MisbehavingServer, name: str) -> None:
    server.fault, server.pace = name, 0.1
    assert [outcome(client(server)) for _ in range(5)] == ["show"] * 5


def test_a_late_response_to_another_request_is_discarded(server: MisbehavingServer) -> None:
    """The idle connection is silent until the next request, so only the id reveals it."""

    def play(exchange: Exchange) -> None:
        exchange.keep = True
        if exchange.number == 2:
            exchange.answer(200, exchange.job(id=OTHER_ID))
        exchange.answer(200, exchange.job())

    server.fault = Fault("U048", "shifted", frozenset({"show"}), play)
    assert [outcome(client(server)) for _ in range(4)] == ["show"] * 4
    assert len(server.requests) == 5


def test_a_persistent_response_with_another_id_is_refused(server: MisbehavingServer) -> None:
    server.fault = "U085"
    assert [outcome(client(server)) for _ in range(3)] == ["reject"] * 3
    assert len(server.requests) <= 6


def test_two_teams_get_their_own_response_for_one_job(server: MisbehavingServer) -> None:
    server.fault = "U088"
    first = client(server)
    other = Client(server.url, OpaqueToken("another.token"))
    assert outcome(first) == "show"
    with pytest.raises(NoSuchJob):
        other.job(JOB_ID)
    assert outcome(first) == "show"


def test_cookies_are_not_shared_between_teams(server: MisbehavingServer) -> None:
    server.fault = "U055"
    for token in ("one", "two"):
        Client(server.url, OpaqueToken(token)).job(JOB_ID)
    assert [asked.headers["authorization"] for asked in server.requests] == ["Bearer one", "Bearer two"]
    assert not any("cookie" in asked.headers for asked in server.requests)


def test_one_client_serves_many_threads(server: MisbehavingServer) -> None:
    asked = client(server)
    ids = [f"01890c5e-7c1a-7d3e-9a44-{at:012x}" for at in range(80)]
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(lambda job_id: outcome(asked, job_id), ids)) == {"show"}
    assert len(server.requests) == 80


def test_concurrent_faults_are_not_mixed_up(server: MisbehavingServer) -> None:
    """Requests for correct jobs succeed while others misbehave on the same server."""
    ids = [f"01890c5e-7c1a-7d3e-9a44-{at:012x}" for at in range(60)]
    kinds = ["U048 an answer nobody asked for, in one packet", "U049", "U044 RST in the body", None, "U085", "U027"]
    for at, job_id in enumerate(ids):
        server.misbehave(job_id, kinds[at % len(kinds)])
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda job_id: outcome(client(server), job_id), ids))
    expected = ["show", "reject", "stale", "show", "reject", "reject"]
    assert found == [expected[at % len(expected)] for at in range(len(ids))]


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("tls"))


def reason(url: str, limits: Limits = QUICK, authorities: str | None = None) -> str:
    """The reason why the API is unavailable, which must be detected in time."""
    began = time.monotonic()
    with pytest.raises(Unavailable) as caught:
        Client(url, OpaqueToken(), limits=limits, authorities=authorities).job(JOB_ID)
    assert time.monotonic() - began < limits.total + LATE
    check_nothing_leaks(caught.value)
    return caught.value.reason


def test_a_closed_port_is_a_connection_error() -> None:
    with closed_port() as url:
        assert reason(url) == "no connection"


def test_an_unresolvable_name_is_a_connection_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: Any, **kwargs: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert reason("http://upstream.invalid") == "no connection"


@pytest.mark.parametrize("name", ["http://" + "a" * 300 + ".example", "http://a..b.example"])
def test_an_invalid_name_is_one_of_our_errors(name: str) -> None:
    with pytest.raises(APIError):
        Client(name, OpaqueToken(), limits=QUICK).job(JOB_ID)


def test_a_hanging_connect_ends_at_the_connect_timeout() -> None:
    with full_port() as url:
        began = time.monotonic()
        assert reason(url, Limits(connect=0.2, silence=3, total=5)) == "timeout"
        assert time.monotonic() - began < 0.2 + LATE


@pytest.fixture
def hanging_resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A resolver that never responds, with the names requested."""
    over, asked = threading.Event(), []

    def hang(host: str, *args: Any, **kwargs: Any) -> Any:
        asked.append(host)
        over.wait(30)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    yield asked
    over.set()


def test_a_hanging_resolver_times_out_and_holds_one_thread_per_host(hanging_resolver: list[str]) -> None:
    assert [reason("http://slow.example") for _ in range(4)] == ["timeout"] * 4
    assert hanging_resolver == ["slow.example"]


@pytest.mark.parametrize("fault", row("U145"), ids=str)
def test_a_failed_handshake_is_unavailable(server: MisbehavingServer, fault: Fault) -> None:
    server.fault, server.pace = fault, PACE
    reason(server.url.replace("http:", "https:"))
    assert server.requests == []


@pytest.mark.parametrize(
    ("host", "days", "trusted"),
    [("127.0.0.1", -1, True), ("api.example.com", 1, True), ("127.0.0.1", 1, False)],
    ids=["expired", "another host's", "of an unknown authority"],
)
def test_no_request_is_sent_to_a_server_with_a_wrong_certificate(
    ca: Authority, host: str, days: int, trusted: bool
) -> None:
    with MisbehavingServer(tls=ca.context(host, days)) as server:
        assert reason(server.url, Limits(), ca.file if trusted else None) == "tls"
        assert server.requests == []


def test_certificates_are_verified_whatever_the_environment_says(
    ca: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", ca.file)
    monkeypatch.setenv("CURL_CA_BUNDLE", "")
    with MisbehavingServer(tls=ca.context()) as server:
        assert reason(server.url, Limits()) == "tls"


class TestOverTLS:
    """The limits also apply over TLS."""

    @pytest.fixture
    def secure(self, ca: Authority) -> Iterator[MisbehavingServer]:
        with MisbehavingServer(tls=ca.context()) as server:
            server.pace = PACE
            yield server

    def test_a_good_response_is_read_and_the_connection_kept(self, secure: MisbehavingServer, ca: Authority) -> None:
        asked = Client(secure.url, OpaqueToken(), authorities=ca.file)
        assert asked.job(JOB_ID) == asked.job(JOB_ID)
        assert secure.connections == 1

    @pytest.mark.parametrize("name", ["U028 100s for ever", "U037", "U040", "U041", "U039 hang in a chunk"])
    def test_a_slow_response_ends_at_the_deadline(self, secure: MisbehavingServer, ca: Authority, name: str) -> None:
        secure.fault = find(name)
        limits = Limits(connect=2, silence=0.3, total=0.5)
        assert reason(secure.url, limits, ca.file) == "timeout"
        assert len(secure.requests) == 1

    def test_an_unsolicited_response_in_the_same_record_closes_the_connection(
        self, secure: MisbehavingServer, ca: Authority
    ) -> None:
        secure.fault = "U048 an answer nobody asked for, in one packet"
        asked = Client(secure.url, OpaqueToken(), authorities=ca.file)
        assert asked.job(JOB_ID) == asked.job(JOB_ID)
        assert secure.connections == 2
