"""The head of a response has only what clients need."""

import pytest

from tests.dashboard.serving.served import GET, Served

pytestmark = pytest.mark.processes


def head(server: Served, request: bytes) -> list[bytes]:
    with server.connect() as client:
        client.sendall(request)
        return client.recv(4096).partition(b"\r\n\r\n")[0].split(b"\r\n")


def test_it_does_not_name_the_server(server: Served) -> None:
    assert not [line for line in head(server, GET % b"") if line.lower().startswith(b"server:")]


def test_that_a_connection_stays_open_is_said_only_where_it_is_not_the_default(server: Served) -> None:
    assert not [line for line in head(server, GET % b"") if line.startswith(b"Connection:")]
    older = b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    assert b"Connection: keep-alive" in head(server, older)


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_a_connection_that_closes_says_so(server: Served, version: bytes) -> None:
    assert b"Connection: close" in head(server, b"GET / HTTP/%s\r\nHost: a\r\nConnection: close\r\n\r\n" % version)
