"""Refusals are sent at once, with the headers of all responses."""

import pytest

from dashboard.serving import bad_requests, framing
from tests.dashboard.serving.served import Served, answer, is_closed, post


@pytest.mark.processes
@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (post(b"0\r\n\r\n", b"Transfer-Encoding: chunked"), 411),
        (post(b"", b"Content-Length: 1000001"), 413),
        (post(b"", b"Content-Length: " + b"9" * 30), 413),
        (post(b"", b"Content-Length: 5", b"Content-Length: 6"), 400),
        (post(b"", b"Content-Length: 5", b"Transfer-Encoding: chunked"), 400),
        (post(b"", b"Content-Length: -5"), 400),
        (post(b"", b"Content-Length : 5"), 400),
        (post(b"", b"Transfer-Encoding: odd"), 501),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * framing.HEAD_BYTES, 431),
        (b"NONSENSE\r\n\r\n", 400),
    ],
)
def test_a_refusal_is_sent_at_once_and_closes_the_connection(server: Served, request_bytes: bytes, status: int) -> None:
    with server.connect() as client:
        client.sendall(request_bytes)
        assert answer(client)[0] == status
        assert is_closed(client)


@pytest.mark.parametrize(("status", "reason"), [(413, "Content Too Large"), (503, "Service Unavailable")])
def test_a_refusal_has_our_headers_and_echoes_nothing(status: int, reason: str) -> None:
    head, body = bad_requests.answer(status, reason).split(b"\r\n\r\n")
    fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
    assert head.startswith(f"HTTP/1.1 {status} {reason}\r\n".encode())
    assert int(fields[b"Content-Length"]) == len(body)
    assert fields[b"X-Content-Type-Options"] == b"nosniff"
    assert (b"Retry-After" in fields) is (status == 503)


def test_gunicorns_error_detail_is_left_out() -> None:
    class Client:
        sent = b""

        def sendall(self, data: bytes) -> None:
            self.sent += data

    client = Client()
    bad_requests.write_error(client, 400, "Bad Request", "Invalid header <script>")
    assert b"script" not in client.sent
