"""The small application behind the product's server, and clients that send single bytes."""

import contextlib
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path

from scripts.product import ROOT, free_port, wait_for

THREADS = 4
GET = b"GET /%s HTTP/1.1\r\nHost: a\r\n\r\n"
SMALLEST = 2048  # bytes that a client's system buffers before the client reads


@dataclass
class Served:
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def connect(self, *, takes: int = 0) -> socket.socket:
        client = socket.socket()
        if takes:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, takes)
        client.settimeout(15)
        client.connect(("127.0.0.1", self.port))
        return client

    @contextlib.contextmanager
    def clients(self, count: int, sent: bytes, *, takes: int = 0) -> Iterator[list[socket.socket]]:
        """Clients that have all sent the same bytes, and then stop."""
        with contextlib.ExitStack() as open_ones:
            found = [open_ones.enter_context(self.connect(takes=takes)) for _ in range(count)]
            for client in found:
                client.sendall(sent)
            yield found

    def ask(self, request: bytes) -> tuple[int, bytes]:
        with self.connect() as client:
            client.sendall(request)
            return answer(client)

    @property
    def is_well(self) -> bool:
        """Whether another client gets a response before any deadline of tests/dashboard/serving/quick.py."""
        return self.answers_within(2.5)

    def answers_within(self, seconds: float) -> bool:
        started = time.monotonic()
        return self.ask(GET % b"") == (200, b"ok") and time.monotonic() - started < seconds

    def signal_master(self, number: signal.Signals) -> None:
        self.process.send_signal(number)


def answer(client: socket.socket) -> tuple[int, bytes]:
    response = HTTPResponse(client)
    response.begin()
    return response.status, response.read()


def wait_for_end(client: socket.socket) -> None:
    """Waits until the server has closed the connection, without reading from it."""
    poller = select.poll()
    poller.register(client, 0)
    assert poller.poll(15_000)


def is_closed(client: socket.socket) -> bool:
    """Whether the server closes the connection without another byte."""
    try:
        return client.recv(1) == b""
    except ConnectionError:
        return True


@contextlib.contextmanager
def served(config: str = "tests/dashboard/serving/quick.py", workers: int = 1) -> Iterator[Served]:
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "tests.dashboard.serving.small", "--config", config,
        "--bind", f"127.0.0.1:{port}", "--workers", str(workers), "--threads", str(THREADS),
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("wb") as to:
            process = subprocess.Popen(command, cwd=ROOT, stdout=to, stderr=to)
        try:
            wait_for(f"http://127.0.0.1:{port}/", process)
            yield Served(port, process, log)
        finally:
            process.terminate()
            process.wait(20)


def post(body: bytes, *headers: bytes) -> bytes:
    """A POST request with this body."""
    return b"\r\n".join([b"POST /echo HTTP/1.1", b"Host: a", *headers, b"", body])
