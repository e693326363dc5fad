"""The worker: slow clients block no thread, and its end leaves no client waiting."""

import os
import signal
import socket
import time
from collections.abc import Iterator

import pytest

from scripts.servers import families
from tests.dashboard.serving.served import GET, SMALLEST, THREADS, Served, answer, is_closed, served, wait_for_end
from tests.processes.fleet import eventually

pytestmark = pytest.mark.processes

MANY = THREADS * 8
BODY = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\nlogin=a"
MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    ("sent", "end"),
    [(b"", None), (b"GET / HT", 408), (GET[:-2] % b"", 408), (BODY, 408)],
    ids=["nothing", "eight bytes", "half a head", "half a body"],
)
def test_a_stalled_client_blocks_nobody_and_is_closed_in_time(server: Served, sent: bytes, end: int | None) -> None:
    with server.clients(MANY, sent) as slow:
        assert server.is_well
        if end:
            assert {answer(client)[0] for client in slow} == {end}
        assert all(map(is_closed, slow))


def test_a_slowly_sent_head_ends_at_the_same_deadline(server: Served) -> None:
    """The deadline does not restart with each byte."""
    started = time.monotonic()
    with server.connect() as client:
        client.settimeout(0.1)
        while True:
            try:
                client.sendall(b"G")
                if client.recv(100):
                    break
            except TimeoutError:
                continue
    assert 2.5 <= time.monotonic() - started < 15


def test_a_slow_body_within_the_deadline_is_read(server: Served) -> None:
    with server.connect() as client:
        client.sendall(BODY)
        assert server.is_well  # others get responses before the rest arrives
        client.sendall(b"b" * 1993)
        assert answer(client) == (200, b"login=a" + b"b" * 1993)


class TestSlowReaders:
    @pytest.mark.parametrize("path", [b"bytes/900000", b"file/900000", b"stream/900000"])
    def test_a_slow_reader_blocks_nobody_and_gets_everything(self, server: Served, path: bytes) -> None:
        with server.clients(MANY, GET % path, takes=SMALLEST) as slow:
            assert server.is_well
            bodies = [answer(client)[1] for client in slow]
        assert {len(body) for body in bodies} == {900_000}

    def test_a_client_that_never_reads_is_cut_off(self, server: Served) -> None:
        with server.clients(2, GET % b"bytes/9000000", takes=SMALLEST) as slow:
            for client in slow:
                wait_for_end(client)
                assert received(client) < 9 * MEGABYTE

    def test_unread_responses_do_not_fill_memory(self, server: Served) -> None:
        """Beyond the limit the oldest is closed."""
        with server.clients(12, GET % b"bytes/9000000", takes=SMALLEST) as slow:
            assert server.is_well
            counts = [received(client) for client in (slow[0], *slow[-4:])]  # threads answer in any order
            assert counts[0] < 9 * MEGABYTE
            assert max(counts) >= 9 * MEGABYTE

    def test_a_response_too_large_to_buffer_holds_few_threads(self, server: Served) -> None:
        with server.clients(THREADS + 1, GET % b"file/40000000", takes=SMALLEST):
            eventually(lambda: server.is_well, 10)

    def test_a_quick_reader_gets_a_large_response(self, server: Served) -> None:
        assert len(server.ask(GET % b"file/40000000")[1]) == 40_000_000


class TestConnectionLimits:
    def test_a_new_client_is_accepted_at_the_connection_limit(self, server: Served) -> None:
        with server.clients(150, b"GET / HT"):
            assert server.is_well

    def test_bytes_of_unfinished_requests_are_bounded(self, server: Served) -> None:
        """The client that has sent most is closed first, so that a short form still gets through."""
        head = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 900001\r\n\r\n"
        with server.clients(12, head + b"a" * 900_000) as large:
            short = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
            assert server.ask(short) == (200, b"abc")
            assert answer(large[0])[0] in {408, 503}


def received(client: socket.socket) -> int:
    """The bytes received until the connection ends or everything has arrived."""
    count = 0
    try:
        while count < 9 * MEGABYTE:
            data = client.recv(MEGABYTE)
            if not data:
                break
            count += len(data)
    except ConnectionError:
        pass
    return count


def test_slow_clients_are_logged_once(server: Served) -> None:
    assert 1 <= server.log.read_text().count("slow clients cut off") <= 3


pytestmark = pytest.mark.processes


@pytest.fixture
def ending() -> Iterator[Served]:
    """A separate server for each test, which ends it."""
    with served() as ending:
        yield ending


@pytest.fixture(params=["SIGTERM", "master killed"])
def stop(request: pytest.FixtureRequest, ending: Served) -> Iterator[None]:
    pids = families(ending.process.pid)
    yield request.param
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def end(ending: Served, how: str) -> None:
    ending.signal_master(signal.SIGTERM if how == "SIGTERM" else signal.SIGKILL)


def test_shutdown_closes_idle_connections_and_refuses_new_ones(ending: Served, stop: str) -> None:
    with ending.connect() as idle:
        idle.sendall(GET % b"")
        assert answer(idle) == (200, b"ok")
        started = time.monotonic()
        end(ending, stop)
        assert is_closed(idle)
        eventually(lambda: refused(ending), 6)
        assert time.monotonic() - started < 6


def test_shutdown_answers_running_requests(ending: Served, stop: str) -> None:
    with ending.connect() as client:
        client.sendall(GET % b"hang/2")
        wait_until_begun(ending, 1)
        end(ending, stop)
        assert answer(client) == (200, b"at last")
        assert is_closed(client)


def test_no_client_waits_for_work_after_its_response_but_a_shutdown_does(ending: Served, stop: str) -> None:
    with ending.connect() as client:
        started = time.monotonic()
        client.sendall(GET % b"afterwards/3")
        assert answer(client) == (200, b"sent")
        assert time.monotonic() - started < 2.5
        wait_until_begun(ending, 1)
        end(ending, stop)
        eventually(lambda: "done afterwards" in ending.log.read_text(), 8)


def test_shutdown_refuses_queued_requests_soon(ending: Served, stop: str) -> None:
    """The client may retry with another process, because nothing was done."""
    with ending.clients(THREADS, GET % b"hang/6"):
        wait_until_begun(ending, THREADS)
        with ending.clients(3, GET % b"bytes/1") as queued:
            started = time.monotonic()
            end(ending, stop)
            assert {answer(client)[0] for client in queued} == {503}
            assert time.monotonic() - started < 5


def test_a_hanging_thread_does_not_block_shutdown(ending: Served) -> None:
    with ending.clients(1, GET % b"hang/30"):
        wait_until_begun(ending, 1)
        end(ending, "SIGTERM")
        assert ending.process.wait(11) == 0


def wait_until_begun(ending: Served, count: int) -> None:
    """Waits until that many threads hang in the application."""
    eventually(lambda: ending.log.read_text().count("hanging") == count, 15)


def refused(ending: Served) -> bool:
    try:
        ending.connect().close()
    except ConnectionRefusedError:
        return True
    return False
