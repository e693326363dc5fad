"""Connections with hard limits on the time and size of an attempt, however slowly bytes arrive.

A read timeout restarts with every byte, so it is no limit by itself. Here every read from a socket first checks the
time left for the whole attempt: in the head, in repeated 100 responses, in a chunk size or in the body. Responses that
are not HTTP or are ambiguous are rejected, and a connection with surplus bytes is closed.
"""

import http.client
import io
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.errors import FirstHeaderLineIsContinuationDefect, MissingHeaderBodySeparatorDefect
from typing import Any, Protocol

import requests
from requests import Response
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from jobs import __version__
from jobs.invopop import resolver

USER_AGENT = f"invopop-jobs-dashboard/{__version__}"  # [D] the edge blocks clients without a User-Agent

HEAD = 262_144  # bytes before the body, including interim responses
LINE = 65_536  # bytes of a line: status, header, chunk size
INTERIM = 64  # interim responses; newer versions of Python have a limit of 100, with another error
BUFFER = 8_192  # bytes read at once; the default depends on the version of Python
IDLE = 45.0  # seconds after which an idle connection is not reused
ADDRESSES = 3  # addresses of a host that are tried

_odd_header = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)")  # the line break of a folded value is allowed
_UNREADABLE = (FirstHeaderLineIsContinuationDefect, MissingHeaderBodySeparatorDefect)


@dataclass(frozen=True, slots=True)
class Limits:
    connect: float = 2.0  # seconds: resolver, TCP and TLS together
    silence: float = 3.0  # seconds between two bytes
    total: float = 5.0  # seconds for the whole attempt, including a retry
    wire: int = 10_000_000  # bytes received
    decoded: int = 10_000_000  # bytes after gzip
    error: int = 64_000  # bytes of an error's body that are read


class Token(Protocol):
    def reveal(self) -> str: ...


class NoAuth(AuthBase):
    """Prevents requests from taking credentials from the URL."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class TooLarge(http.client.HTTPException):
    """A response exceeds its size limit."""


class Allowance:
    """The time and bytes left for one attempt, by a monotonic clock."""

    def __init__(self, limits: Limits, *, token: Token | None = None, public_only: bool = False) -> None:
        self.limits = limits
        self.token = token  # the API key of the request
        self.public_only = public_only  # refuse addresses in our own network
        self.connection: _Bounded | None = None  # the connection in use
        self._end = time.monotonic() + limits.total

    @property
    def left(self) -> float:
        """Seconds; never negative."""
        return max(0.0, self._end - time.monotonic())

    @property
    def expired(self) -> bool:
        return not self.left

    def timeout(self, most: float) -> float:
        """The timeout of the next wait. Raises TimeoutError when the time is used up."""
        if self.expired:
            raise TimeoutError("used up")
        return min(most, self.left) or 0.001  # 0 would mean not to wait at all

    @property
    def reused(self) -> bool:
        """Whether the connection has already carried a response."""
        return self.connection is not None and self.connection.answers > 1

    def prevent_reuse(self) -> None:
        """Marks the connection as not reusable although its response was read to the end."""
        if self.connection is not None:
            self.connection.is_reusable = False


class Adapter(HTTPAdapter):
    """A requests adapter with these connections, shared by all threads and teams: they carry no identity."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}

    def ask(self, request: requests.PreparedRequest, allowance: Allowance, authorities: str | None) -> Response:
        """The response's head; the body is unread. Certificates are always verified; None means certifi's list."""
        request.headers["User-Agent"] = USER_AGENT
        with bounded(allowance):
            timeout = (allowance.limits.connect, allowance.limits.silence)
            return self.send(request, stream=True, timeout=timeout, verify=authorities or True)


class _Here(threading.local):
    """The allowance of this thread's request, which urllib3 cannot pass on."""

    allowance: Allowance | None = None

    def current(self) -> Allowance:
        return self.allowance or Allowance(Limits())


_here = _Here()


@contextmanager
def bounded(allowance: Allowance) -> Iterator[None]:
    """Applies the allowance to this thread's requests in the block."""
    _here.allowance = allowance
    try:
        yield
    finally:
        _here.allowance = None


class _Source(io.RawIOBase):
    """A socket's bytes, within time and size limits."""

    def __init__(self, raw: io.RawIOBase, sock: Any, allowance: Allowance) -> None:
        self.sock = sock
        self.ended = False  # no further reads
        self._raw = raw
        self._allowance = allowance
        self._received = 0
        self._in_head = True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self.ended:
            return 0
        self.sock.settimeout(self._allowance.timeout(self._allowance.limits.silence))
        count: int | None = self._raw.readinto(buffer)
        self._count(count or 0)
        if count == 0 and self._in_head and self._received:
            raise ConnectionResetError("ended in the head")  # the standard library would accept a truncated head
        return count

    def head_is_complete(self) -> None:
        self._in_head = False

    def close(self) -> None:
        self._raw.close()
        super().close()

    def _count(self, count: int) -> None:
        self._received += count
        if self._in_head and self._received > HEAD:
            raise TimeoutError("a head without end")  # endless interim responses
        if self._received > HEAD + self._allowance.limits.wire:
            raise TooLarge("too large")


class _Reader(io.BufferedReader):
    """Reads lines of limited length, and checks for surplus bytes at the end."""

    raw: _Source

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(LINE + 1 if size is None or size < 0 else min(size, LINE + 1))
        if len(line) > LINE:
            raise http.client.LineTooLong("line")
        return line

    def close(self) -> None:
        if not self.closed:
            self._drop_the_surplus()
        super().close()

    def _drop_the_surplus(self) -> None:
        """Closes a connection with surplus bytes, so that an unrequested response cannot answer the next request."""
        self.raw.ended = True
        sock = self.raw.sock
        with suppress(OSError, ValueError):
            if self.peek(1) or (isinstance(sock, ssl.SSLSocket) and sock.pending()):
                sock.shutdown(socket.SHUT_RDWR)


class _Response(http.client.HTTPResponse):
    fp: _Reader

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = _Reader(_Source(self.fp.detach(), sock, _here.current()), BUFFER)
        self._interim = 0

    def begin(self) -> None:
        if self.fp.peek(1)[:1] not in (b"H", b""):
            raise http.client.BadStatusLine("not http")  # TLS, HTTP/2 or noise: rejected before the end of the line
        super().begin()
        while 102 <= self.status < 200:  # the standard library skips only 100
            self.headers = self.msg = None  # type: ignore[assignment]
            super().begin()
        self._check_head()
        self.fp.raw.head_is_complete()

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]
        self._interim += status < 200
        if self._interim > INTERIM:
            raise TimeoutError("a head without end")
        return version, status, reason

    def _check_head(self) -> None:
        """Rejects an ambiguous length, which could mix up two responses."""
        lengths = self.headers.get_all("content-length", [])
        codings = self.headers.get_all("transfer-encoding", [])
        odd = (
            any(isinstance(defect, _UNREADABLE) for defect in self.headers.defects)
            or any(_odd_header.search(f"{name}{value}") for name, value in self.headers.items())
            or len(lengths) + len(codings) > 1
            or not all(length.isascii() and length.strip().isdigit() for length in lengths)
            or not all(coding.lower() == "chunked" for coding in codings)
        )
        if odd:
            raise http.client.HTTPException("unclear head")


class _Bounded:
    """A mixin for urllib3's connections."""

    response_class = _Response
    host: str
    port: int | None
    sock: Any
    answers = 0  # responses since it was opened
    is_reusable = True
    _used = 0.0

    def _new_conn(self) -> socket.socket:
        allowance = _here.current()
        until = time.monotonic() + allowance.timeout(allowance.limits.connect)
        found = _usable(self, allowance, until)
        failure: OSError | None = None
        for tried, (family, address) in enumerate(found):
            try:
                sock = _connected(family, address, until, len(found) - tried)
            except OSError as error:
                failure = error
            else:
                self.answers, self.is_reusable = 0, True
                return sock
        if isinstance(failure, TimeoutError):
            raise ConnectTimeoutError(self, "connecting timed out")
        raise NewConnectionError(self, "no connection")  # type: ignore[arg-type]

    def send(self, data: Any) -> None:
        """Sends a request's head. Only here is the API key written into it, directly before the socket.

        No prepared request, header or local variable holds it, so no crash report can show it.
        """
        token = _here.current().token
        if token is None:
            super().send(data)  # type: ignore[misc]
            return
        line = b"Authorization: Bearer %b\r\n\r\n"
        super().send(memoryview(data[:-2] + line % token.reveal().encode("ascii")))  # type: ignore[misc]

    def getresponse(self) -> Any:
        self._used = time.monotonic()
        self.answers += 1
        _here.current().connection = self
        return super().getresponse()  # type: ignore[misc]

    @property
    def is_connected(self) -> bool:
        """Whether a pooled connection can be reused: a firewall may have dropped it silently."""
        is_fresh = time.monotonic() - self._used < IDLE
        return is_fresh and self.is_reusable and super().is_connected  # type: ignore[misc]


def _usable(connection: Any, allowance: Allowance, until: float) -> list[resolver.Address]:
    """Connects to the addresses that were checked, without a second look-up that could differ."""
    try:
        found = resolver.resolved(connection.host.strip("[]"), connection.port, max(0.0, until - time.monotonic()))
    except TimeoutError:
        raise ConnectTimeoutError(connection, "resolving timed out") from None
    except OSError:
        raise NewConnectionError(connection, "no such host") from None
    if allowance.public_only:
        found = [(family, address) for family, address in found if resolver.is_public(address[0])]
    if not found:
        raise NewConnectionError(connection, "no permitted address")
    return found[:ADDRESSES]


def _connected(family: socket.AddressFamily, address: Any, until: float, share: int) -> socket.socket:
    """Connects to one address within its share of the remaining time; the rest is for the handshake."""
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(max(0.001, (until - time.monotonic()) / share))
        connection.connect(address)
        connection.settimeout(max(0.001, until - time.monotonic()))
    except OSError:
        connection.close()
        raise
    return connection


class _BoundedHTTP(_Bounded, HTTPConnection):  # type: ignore[misc]
    pass


class _BoundedHTTPS(_Bounded, HTTPSConnection):  # type: ignore[misc]
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _BoundedHTTP  # type: ignore[assignment]


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _BoundedHTTPS  # type: ignore[assignment]
