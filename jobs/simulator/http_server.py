"""A minimal HTTP/1.1 server on sockets: keep-alive, one thread per connection, responses written at once.

`http.server` parses headers as e-mail, which is three times as slow.
"""

import contextlib
import json
import socket
import socketserver
import struct
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from jobs.simulator.misbehaviour import Misbehaviour

if TYPE_CHECKING:
    from jobs.simulator.server import Simulator

LINE = 65536  # bytes of a line of the head
HEADERS = 200
BODY = 1 << 20  # bytes of a request's body, which is ignored

_REASONS = {status.value: status.phrase for status in HTTPStatus}


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str  # still percent-encoded
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes = b""
    mime: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    stream: Iterator[bytes] | None = field(default=None, compare=False)
    length: int = 0  # of the stream


def encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def answer_json(status: int, value: Any, **headers: str) -> Answer:
    return Answer(
        status, encoded(value), headers=tuple((name.replace("_", "-"), text) for name, text in headers.items())
    )


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(self, address: tuple[str, int], simulator: "Simulator") -> None:
        self.simulator = simulator
        self.connections: set[socket.socket] = set()
        super().__init__(address, Connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignores a client that disconnected; other errors are bugs and are printed."""

    def hang_up(self) -> None:
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Connection(socketserver.BaseRequestHandler):
    server: Server
    request: socket.socket

    def setup(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server.connections.add(self.request)
        self.reader = self.request.makefile("rb", 16384)

    def handle(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while (request := self._read()) is not None:
                if not self._answer(request):
                    return

    def finish(self) -> None:
        self.server.connections.discard(self.request)
        self.reader.close()

    def _read(self) -> Request | None:
        """The next request; None at the end. Raises ValueError for invalid HTTP."""
        line = self.reader.readline(LINE)
        if not line:
            return None
        method, target, _version = line.decode("latin-1").split()
        headers = self._headers()
        self._skip(int(headers.get("content-length") or 0))
        path, _, query = target.partition("?")
        return Request(method, path, dict(parse_qsl(query, keep_blank_values=True)) if query else {}, headers)

    def _headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        for _ in range(HEADERS):
            line = self.reader.readline(LINE)
            if line in {b"\r\n", b"\n", b""}:
                return headers
            name, _colon, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        raise ValueError("too many headers")

    def _skip(self, length: int) -> None:
        if not 0 <= length <= BODY:
            raise ValueError("too long a body")
        self.reader.read(length)

    def _answer(self, request: Request) -> bool:
        """Sends the response; returns whether the connection stays open."""
        wrong = self.server.simulator.note(request)
        if wrong is not None and not _goes_on(wrong, self.request, self.server.simulator):
            return False
        answer = self.server.simulator.answer(request, wrong)
        last = request.headers.get("connection", "").lower() == "close"
        head = _head(answer, last=last)
        if wrong is not None and wrong.name == "drip":
            _drip(self.request, head + answer.body)
        elif answer.stream is not None:
            self.request.sendall(head)
            self._pour(answer.stream if request.method != "HEAD" else iter(()))
        else:
            self.request.sendall(head if request.method == "HEAD" else head + answer.body)
        return not last

    def _pour(self, stream: Iterator[bytes]) -> None:
        for piece in stream:
            self.request.sendall(piece)


def _head(answer: Answer, *, last: bool) -> bytes:
    length = answer.length if answer.stream is not None else len(answer.body)
    lines = [f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Unknown')}", f"Content-Type: {answer.mime}"]
    lines += [f"Content-Length: {length}", *(f"{name}: {value}" for name, value in answer.headers)]
    if last:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def _goes_on(wrong: Misbehaviour, connection: socket.socket, simulator: "Simulator") -> bool:
    """Applies misbehaviour before a response: hangs, waits or resets. Returns whether to respond."""
    if wrong.name == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False
    if wrong.name == "hang":
        simulator.stopping.wait()
        return False
    if wrong.name == "slow":
        simulator.stopping.wait(wrong.seconds)
    return True


def _drip(connection: socket.socket, data: bytes) -> None:
    """Sends ten bytes per second."""
    for byte in data:
        connection.sendall(bytes([byte]))
        time.sleep(0.1)
