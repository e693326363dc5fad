"""Sockets with an end: however the bytes drip, one attempt is over at its deadline.

A read timeout starts anew with every byte, so it alone does not bound anything. Here a timer shuts the connection down at
the deadline: in the resolver, the TLS handshake, the head, an endless row of 100s or the body.
"""

import ipaddress
import os
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

_here = threading.local()
_resolvers = ThreadPoolExecutor(8, thread_name_prefix="resolver")


class Deadline:
    """The end of one attempt, `seconds` from now; the connection in use is shut down when it comes."""

    def __init__(self, seconds: float, *, public_only: bool = False) -> None:
        self.public_only = public_only  # refuse addresses inside our own network
        self.expired = False
        self._until = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._watched: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True

    @property
    def left(self) -> float:
        return max(0.0, self._until - time.monotonic())

    def watch(self, file: int) -> None:
        """Takes the connection behind a file descriptor. A copy of the descriptor reaches it under TLS as well."""
        with self._lock:
            self._forget()
            self._watched = socket.socket(fileno=os.dup(file))
            if self.expired:
                self._shut_down()

    def start(self) -> None:
        self._timer.start()

    def end(self) -> None:
        self._timer.cancel()
        with self._lock:
            self._forget()

    def _expire(self) -> None:
        with self._lock:
            self.expired = True
            self._shut_down()

    def _shut_down(self) -> None:
        if self._watched is not None:
            try:
                self._watched.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it is gone already

    def _forget(self) -> None:
        if self._watched is not None:
            self._watched.close()
            self._watched = None


@contextmanager
def within(seconds: float, *, public_only: bool = False) -> Iterator[Deadline]:
    """Whatever this thread sends meanwhile through `Adapter` ends in time."""
    deadline = Deadline(seconds, public_only=public_only)
    _here.deadline = deadline
    deadline.start()
    try:
        yield deadline
    finally:
        _here.deadline = None
        deadline.end()


class _Watched:
    """Mixed into urllib3's connections: resolves in time, and shows every socket to the deadline."""

    host: str
    port: int | None
    sock: Any
    timeout: Any

    def _new_conn(self) -> socket.socket:
        deadline: Deadline | None = getattr(_here, "deadline", None)
        last: OSError = OSError("no address")
        for family, address in _addresses(self, deadline):
            connection = socket.socket(family, socket.SOCK_STREAM)
            try:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection.settimeout(self.timeout if isinstance(self.timeout, int | float) else 2.0)
                if deadline is not None:
                    deadline.watch(connection.fileno())
                connection.connect(address)
            except OSError as error:
                connection.close()
                last = error
                continue
            return connection
        if isinstance(last, TimeoutError):
            raise ConnectTimeoutError(self, "connecting timed out")  # type: ignore[arg-type]
        raise NewConnectionError(self, "no connection")  # type: ignore[arg-type]

    def request(self, *args: Any, **kwargs: Any) -> None:
        deadline: Deadline | None = getattr(_here, "deadline", None)
        if deadline is not None and self.sock is not None:
            deadline.watch(self.sock.fileno())
        super().request(*args, **kwargs)  # type: ignore[misc]


def _addresses(connection: Any, deadline: Deadline | None) -> list[tuple[socket.AddressFamily, Any]]:
    """The resolver cannot be interrupted: it works beside us, and is not waited for beyond the deadline."""
    asked = _resolvers.submit(socket.getaddrinfo, connection.host, connection.port, type=socket.SOCK_STREAM)
    try:
        found = asked.result(min(2.0, deadline.left) if deadline else 2.0)
    except TimeoutError:
        raise ConnectTimeoutError(connection, "resolving timed out") from None
    except (OSError, UnicodeError):
        raise NewConnectionError(connection, "no such host") from None
    usable = [(family, address) for family, _, _, _, address in found]
    if deadline is not None and deadline.public_only:
        usable = [(family, address) for family, address in usable if ipaddress.ip_address(address[0]).is_global]
    if not usable:
        raise NewConnectionError(connection, "no address that may be asked")
    return usable[:3]


class _WatchedHTTP(_Watched, HTTPConnection):  # type: ignore[misc]
    pass


class _WatchedHTTPS(_Watched, HTTPSConnection):  # type: ignore[misc]
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _WatchedHTTP  # type: ignore[assignment]


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedHTTPS  # type: ignore[assignment]


class Adapter(HTTPAdapter):
    """requests' adapter over these connections. One serves all threads and teams: connections carry no identity."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
