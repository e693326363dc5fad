"""Receivers of messages: a configurable HTTP server, and a mail server."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from aiosmtpd.controller import Controller

from scripts.product import free_port


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """An HTTP receiver. `behaviour`: a status, or hang, drip, reset, noise, flood, redirect."""

    url: str = ""
    behaviour: str = "200"
    received: list[Received] = field(default_factory=list)
    redirect_to: str = ""
    released: threading.Event = field(default_factory=threading.Event)


class Handler(BaseHTTPRequestHandler):
    receiver: Receiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.receiver.received.append(Received(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        self.close_connection = True
        getattr(self, f"_{self.receiver.behaviour}", self._status)()

    def do_GET(self) -> None:
        self.receiver.received.append(Received(self.path, dict(self.headers.items()), b""))
        self._answer(200)

    def _status(self) -> None:
        self._answer(int(self.receiver.behaviour))

    def _hang(self) -> None:
        self.receiver.released.wait(20)

    def _drip(self) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 1000:
            if self.receiver.released.wait(0.3):
                return
            self.wfile.write(bytes([byte]))

    def _reset(self) -> None:
        self.connection.close()

    def _noise(self) -> None:
        self.wfile.write(b"\x00\x01\x02 nothing like HTTP\r\n\r\n")

    def _flood(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
        while not self.receiver.released.is_set():
            self.wfile.write(b"x" * 65536)

    def _redirect(self) -> None:
        self._answer(307, Location=self.receiver.redirect_to)

    def _later(self) -> None:
        self._answer(429, **{"Retry-After": "120"})

    def _cookie(self) -> None:
        self._answer(200, **{"Set-Cookie": "a=b"})

    def _answer(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except OSError:
            self.close_connection = True


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Theirs", (Handler,), {"receiver": receiver}))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    receiver.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield receiver
    finally:
        receiver.released.set()
        server.shutdown()
        server.server_close()


@dataclass
class Mailbox:
    port: int = 0
    refuses: str = ""  # an SMTP reply such as "550 no such mailbox"
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refuses:
            return self.refuses
        self.mails.append(cast("EmailMessage", message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"

    def wait_for(self, count: int, seconds: float = 10) -> list[EmailMessage]:
        deadline = time.monotonic() + seconds
        while len(self.mails) < count and time.monotonic() < deadline:
            time.sleep(0.05)
        return self.mails


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    mailbox.port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()
