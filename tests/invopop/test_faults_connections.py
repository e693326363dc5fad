"""What goes wrong before the first byte of HTTP: ports, names, handshakes, certificates."""

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from jobs.invopop.client import Client, Limits
from jobs.invopop.errors import APIError, Unavailable
from tests.invopop.asking import LATE, PACE, QUICK, OpaqueToken, check_nothing_is_told
from tests.misbehaving import Fault, MisbehavingServer, find, row
from tests.misbehaving.job import JOB_ID
from tests.misbehaving.tls import Authority, authority, closed_port, full_port


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("tls"))


def reason(url: str, limits: Limits = QUICK, authorities: str | None = None) -> str:
    """Why the API is unavailable; checks that it is found out in time."""
    began = time.monotonic()
    with pytest.raises(Unavailable) as caught:
        Client(url, OpaqueToken(), limits=limits, authorities=authorities).job(JOB_ID)
    assert time.monotonic() - began < limits.total + LATE
    check_nothing_is_told(caught.value)
    return caught.value.reason


def test_a_closed_port_is_no_connection() -> None:
    with closed_port() as url:
        assert reason(url) == "no connection"


def test_a_name_that_does_not_resolve_is_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: Any, **kwargs: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert reason("http://upstream.invalid") == "no connection"


@pytest.mark.parametrize("name", ["http://" + "a" * 300 + ".example", "http://a..b.example"])
def test_a_name_that_cannot_be_one_is_no_answer(name: str) -> None:
    with pytest.raises(APIError):
        Client(name, OpaqueToken(), limits=QUICK).job(JOB_ID)


def test_a_connect_that_hangs_ends_at_the_connect_limit() -> None:
    with full_port() as url:
        began = time.monotonic()
        assert reason(url, Limits(connect=0.2, silence=3, total=5)) == "timeout"
        assert time.monotonic() - began < 0.2 + LATE


@pytest.fixture
def hanging_resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Names that were asked for; none is ever answered."""
    over, asked = threading.Event(), []

    def hang(host: str, *args: Any, **kwargs: Any) -> Any:
        asked.append(host)
        over.wait(30)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    yield asked
    over.set()


def test_a_resolver_that_hangs_ends_in_time_and_holds_one_thread_a_host(hanging_resolver: list[str]) -> None:
    assert [reason("http://slow.example") for _ in range(4)] == ["timeout"] * 4
    assert hanging_resolver == ["slow.example"]


@pytest.mark.parametrize("fault", row("U145"), ids=str)
def test_a_handshake_that_fails_is_unavailable(server: MisbehavingServer, fault: Fault) -> None:
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


def test_a_certificate_is_verified_whatever_the_environment_says(
    ca: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", ca.file)
    monkeypatch.setenv("CURL_CA_BUNDLE", "")
    with MisbehavingServer(tls=ca.context()) as server:
        assert reason(server.url, Limits()) == "tls"


class TestOverTLS:
    """The guards hold under encryption as well."""

    @pytest.fixture
    def secure(self, ca: Authority) -> Iterator[MisbehavingServer]:
        with MisbehavingServer(tls=ca.context()) as server:
            server.pace = PACE
            yield server

    def test_a_good_answer_is_read_and_the_connection_kept(self, secure: MisbehavingServer, ca: Authority) -> None:
        asked = Client(secure.url, OpaqueToken(), authorities=ca.file)
        assert asked.job(JOB_ID) == asked.job(JOB_ID)
        assert secure.connections == 1

    @pytest.mark.parametrize("name", ["U028 100s for ever", "U037", "U040", "U041", "U039 hang in a chunk"])
    def test_a_drip_ends_at_the_deadline(self, secure: MisbehavingServer, ca: Authority, name: str) -> None:
        secure.fault = find(name)
        limits = Limits(connect=2, silence=0.3, total=0.5)
        assert reason(secure.url, limits, ca.file) == "timeout"
        assert len(secure.requests) == 1

    def test_an_answer_nobody_asked_for_in_the_same_record_ends_the_connection(
        self, secure: MisbehavingServer, ca: Authority
    ) -> None:
        secure.fault = "U048 an answer nobody asked for, in one packet"
        asked = Client(secure.url, OpaqueToken(), authorities=ca.file)
        assert asked.job(JOB_ID) == asked.job(JOB_ID)
        assert secure.connections == 2
