"""Requests on one connection, sequential, pipelined or in pieces, are answered as HTTP requires."""

import pytest

from tests.dashboard.serving.served import GET, Served, answer, is_closed, post

pytestmark = pytest.mark.processes


def test_a_connection_is_reused(server: Served) -> None:
    with server.connect() as client:
        for body in (b"one", b"", b"three"):
            client.sendall(post(body, b"Content-Length: %d" % len(body)))
            assert answer(client) == (200, body)


def test_pipelined_requests_are_answered_in_order(server: Served) -> None:
    together = post(b"one", b"Content-Length: 3") + post(b"two", b"Content-Length: 3", b"Connection: close")
    with server.connect() as client:
        client.sendall(together)
        received = b"".join(iter(lambda: client.recv(65_536), b""))
    assert received.index(b"one") < received.index(b"two")
    assert received.count(b"HTTP/1.1 200 OK") == 2


def test_an_unread_body_is_not_taken_for_the_next_request(server: Served) -> None:
    hidden = GET % b"bytes/7"
    with server.connect() as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(hidden) + hidden)
        assert answer(client) == (200, b"ok")
        client.sendall(GET % b"bytes/3")
        assert answer(client) == (200, b"xxx")


def test_100_continue_is_sent_once(server: Served) -> None:
    with server.connect() as client:
        client.sendall(post(b"", b"Content-Length: 3", b"Expect: 100-continue"))
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"abc")
        assert client.recv(1000).startswith(b"HTTP/1.1 200 OK")


def test_a_half_closed_client_is_still_answered(server: Served) -> None:
    with server.connect() as client:
        client.sendall(GET % b"bytes/100000")
        client.shutdown(1)
        assert answer(client) == (200, b"x" * 100_000)
        assert is_closed(client)


def test_a_broken_response_is_not_taken_for_complete(server: Served) -> None:
    with server.connect() as client:
        client.sendall(GET % b"broken")
        received = b"".join(iter(lambda: client.recv(65_536), b""))
    assert not received.endswith(b"0\r\n\r\n")
    assert server.is_well


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_connection_close_is_honoured(server: Served, version: bytes) -> None:
    with server.connect() as client:
        client.sendall(b"GET / HTTP/%s\r\nHost: a\r\nConnection: close\r\n\r\n" % version)
        assert answer(client) == (200, b"ok")
        assert is_closed(client)
