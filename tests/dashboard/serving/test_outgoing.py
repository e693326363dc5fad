"""Buffered responses: a thread writes one and is free, unless it is larger than the buffer."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from dashboard.serving import outgoing
from dashboard.serving.outgoing import AT_ONCE, KEPT, SECONDS, Outgoing

Pair = tuple[Outgoing, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A buffer and its client."""
    ours, client = socket.socketpair()
    ours.setblocking(False)
    with ours, client:
        yield Outgoing(ours, threading.Semaphore(1)), client


def received(client: socket.socket, count: int) -> bytes:
    found = bytearray()
    while len(found) < count:
        found += client.recv(1_000_000)
    return bytes(found)


def test_pieces_are_sent_in_order_when_flushed(pair: Pair) -> None:
    sending, client = pair
    for piece in (b"one ", b"", b"two ", b"three"):
        sending.sendall(piece)
    assert sending.size == 13
    sending.push()
    assert (received(client, 13), sending.size) == (b"one two three", 0)


def test_a_long_response_is_sent_while_it_is_written(pair: Pair) -> None:
    sending, client = pair
    sending.sendall(b"x" * AT_ONCE)
    assert client.recv(10) == b"x" * 10


def test_a_client_that_reads_nothing_holds_no_thread(pair: Pair) -> None:
    sending, client = pair
    sending.sendall(b"x" * 2_000_000)
    assert 0 < sending.size <= 2_000_000
    left = sending.size
    with ThreadPoolExecutor(1) as reading:
        taken = reading.submit(received, client, 2_000_000)
        while sending.size:
            sending.push()
        assert taken.result(10) == b"x" * 2_000_000
    assert left > sending.size


def test_the_deadline_grows_with_what_is_left_to_send(pair: Pair) -> None:
    sending, _ = pair
    assert sending.seconds == SECONDS
    sending.sendall(b"x" * 2_000_000)
    assert sending.seconds > SECONDS


def test_a_full_buffer_blocks_its_thread_and_then_gives_up(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "SECONDS", 0.0)
    monkeypatch.setattr(outgoing, "SLOWEST", 1e12)
    sending, _ = pair
    with pytest.raises(OSError, match="timed out"):
        sending.sendall(b"x" * (KEPT + 5_000_000))


def test_the_number_of_blocked_threads_is_limited(pair: Pair) -> None:
    sending, _ = pair
    sending._waiting.acquire()
    with pytest.raises(TimeoutError, match="too many"):
        sending.sendall(b"x" * (KEPT + 5_000_000))


def test_a_disconnected_client_raises_and_its_buffer_can_be_dropped(pair: Pair) -> None:
    sending, client = pair
    client.close()
    sending.sendall(b"x")
    with pytest.raises(OSError, match="Broken pipe"):
        sending.push()
    sending.drop()
    assert sending.size == 0
