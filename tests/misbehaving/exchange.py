"""A request and its raw connection, for the faults."""

import json
import select
import socket
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from tests.misbehaving import job

Header = tuple[str, str]


class GoneError(Exception):
    """The client has disconnected, or the server is stopping."""


@dataclass(frozen=True)
class Asked:
    method: str
    path: str  # with the query
    headers: dict[str, str]  # names in lower case
    at: float  # seconds, monotonic
    connection: int  # which of the accepted ones, from 1


class Exchange:
    """`number`: the number of the request for this fault, from 1. `keep`: whether the connection may be reused."""

    def __init__(self, sock: socket.socket, asked: Asked, number: int, pace: float, stopping: socket.socket) -> None:
        self.sock = sock
        self.asked = asked
        self.number = number
        self.keep = False
        self._pace = pace
        self._stopping = stopping

    @property
    def job_id(self) -> str:
        return job.asked_id(self.asked.path)

    def job(self, **changes: Any) -> bytes:
        """The requested job, with some fields changed."""
        return json.dumps(job.base(self.job_id) | changes).encode()

    def send(self, data: bytes) -> None:
        try:
            self.sock.sendall(data)
        except OSError:
            raise GoneError from None

    def head(self, status: int, headers: Iterable[Header] = (), reason: str | None = None) -> None:
        if reason is None:
            reason = HTTPStatus(status).phrase if status in {known.value for known in HTTPStatus} else "Odd"
        lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers), "", ""]
        self.send("\r\n".join(lines).encode("latin-1"))

    def answer(self, status: int = 200, body: bytes = b"", headers: Iterable[Header] = ()) -> None:
        """A complete response, as JSON unless `headers` has another content type."""
        labels = list(headers)
        if not any(name.lower() == "content-type" for name, _ in labels):
            labels.append(("Content-Type", "application/json"))
        if status not in (204, 304) and status >= 200:
            labels.append(("Content-Length", str(len(body))))
        self.head(status, labels)
        self.send(body)

    def chunks(self, pieces: Iterable[bytes]) -> None:
        for piece in pieces:
            self.send(b"%x\r\n%b\r\n" % (len(piece), piece))

    def drip(self, pieces: Iterable[bytes], every: float = 1.0) -> None:
        for piece in pieces:
            self.send(piece)
            self.pause(every)

    def pause(self, seconds: float) -> None:
        """Pauses at the server's pace; ends early if the client disconnects."""
        self._wait(seconds * self._pace)

    def hang(self) -> None:
        """Waits until the client gives up."""
        self._wait(60)

    def reset(self) -> None:
        """RST instead of FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()
        raise GoneError

    def _wait(self, seconds: float) -> None:
        ready, _, _ = select.select([self.sock, self._stopping], [], [], seconds)
        if ready:
            raise GoneError


def bytes_of(data: bytes) -> Iterator[bytes]:
    return (data[at : at + 1] for at in range(len(data)))
