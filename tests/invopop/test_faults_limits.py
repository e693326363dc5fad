"""Each limit holds by itself: here the others are so wide that they could not end the attempt."""

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from jobs.invopop.client import Client
from jobs.invopop.wire import Limits
from tests.invopop.asking import LATE, OpaqueToken, client, outcome
from tests.misbehaving import Exchange, Fault, MisbehavingServer
from tests.misbehaving.job import JOB_ID, OTHER_ID
from tests.misbehaving.tls import authority

WIDE = 60.0


@contextmanager
def ending_within(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds + LATE


@pytest.mark.parametrize("what", ["U037", "U038 hang in a header", "U039 hang in the body", "U039 hang in a chunk"])
def test_the_total_ends_a_silence_that_would_be_allowed(server: MisbehavingServer, what: str) -> None:
    server.fault = what
    with ending_within(0.3):
        assert outcome(client(server, Limits(connect=WIDE, silence=WIDE, total=0.3))) == "stale"


@pytest.mark.parametrize("what", ["U037", "U038 hang in a header", "U039 hang in the body", "U039 hang in a chunk"])
def test_silence_ends_an_attempt_that_has_time_left(server: MisbehavingServer, what: str) -> None:
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
def test_bytes_end_an_attempt_that_has_time_left(server: MisbehavingServer, what: str, expected: str) -> None:
    server.fault = what
    with ending_within(3):
        assert outcome(client(server, Limits(WIDE, WIDE, WIDE))) == expected


def test_of_an_errors_body_only_the_beginning_is_waited_for(server: MisbehavingServer) -> None:
    def play(exchange: Exchange) -> None:
        exchange.head(404, [("Content-Length", "200000")])
        exchange.send(b"x" * 100_000)
        exchange.hang()

    server.fault = Fault("U006", "a long 404 that stops", frozenset({"gone"}), play)
    with ending_within(1):
        assert outcome(client(server, Limits(WIDE, WIDE, WIDE))) == "gone"


def test_both_attempts_share_one_total(server: MisbehavingServer) -> None:
    """The first connection breaks late: what is left of the time is all that the second has."""

    def play(exchange: Exchange) -> None:
        exchange.pause(0.2)
        if exchange.number == 1:
            exchange.reset()
        exchange.hang()

    server.fault = Fault("U044", "late", frozenset({"stale"}), play)
    with ending_within(0.4):
        assert outcome(client(server, Limits(WIDE, WIDE, 0.4))) == "stale"
    assert len(server.requests) == 2


def test_a_second_answer_in_the_tls_layers_own_buffer_is_noticed(tmp_path_factory: pytest.TempPathFactory) -> None:
    """It is neither in our buffer nor in the socket: a record holds 16 KB, we read 8 at a time."""

    def play(exchange: Exchange) -> None:
        exchange.keep = True
        first = _answer(
            exchange.job(key="k" * (io.DEFAULT_BUFFER_SIZE - len(_answer(exchange.job(key=""))) - 1)) + b" "
        )
        assert len(first) == io.DEFAULT_BUFFER_SIZE
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
