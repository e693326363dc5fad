"""Raw sockets and threads. Correct responses keep the connection; faults close it by default."""

import contextlib
import itertools
import socket
import ssl
import threading
import time
from collections import Counter
from typing import Self

from tests.misbehaving.exchange import Asked, Exchange, GoneError
from tests.misbehaving.table import Fault, find

EVERYTHING = ""  # the target of faults for all requests

What = Fault | str | None


class MisbehavingServer:
    """Listens on a free port of 127.0.0.1 while used as a context manager. `tls`: speaks TLS with this context."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Asked] = []
        self.connections = 0
        self.pace = 1.0
        self._tls = tls
        self._plans: dict[str, list[Fault | None]] = {}
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._stop, self._stopping = socket.socketpair()

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._spawn(self._accept)
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.close()  # ends every pause
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._close_all()
        for thread in self._threads:
            thread.join(5)
        self._stopping.close()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def fault(self) -> Fault | None:
        return self._plans.get(EVERYTHING, [None])[0]

    @fault.setter
    def fault(self, what: What) -> None:
        self.sequence(what)

    def misbehave(self, target: str, what: What) -> None:
        """Sets the fault for requests whose path contains the target, such as a job's id."""
        self.sequence(what, target=target)

    def sequence(self, *whats: What, target: str = EVERYTHING) -> None:
        """Sets faults for consecutive requests; the last one stays. None is a correct response."""
        with self._lock:
            self._seen[target] = 0
            self._plans[target] = [find(what) if isinstance(what, str) else what for what in whats]

    def forget(self) -> None:
        """Resets all faults and records, and closes idle connections."""
        with self._lock:
            self._plans.clear()
            self._seen.clear()
        self.pace = 1.0
        self.requests.clear()
        self._close_all()

    def _accept(self) -> None:
        for number in itertools.count(1):
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # otherwise every second piece waits for 40 ms
            self.connections = number
            self._open.add(sock)
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            self._spawn(self._serve, sock, number)

    def _spawn(self, work: object, *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _serve(self, sock: socket.socket, number: int) -> None:
        try:
            fault = self._plans.get(EVERYTHING, [None])[0]
            if fault is not None and fault.at_once:
                fault.play(self._exchange(sock, Asked("", "", {}, time.monotonic(), number), 1))
                return
            if self._tls is not None:
                sock = self._secured(sock)
            while self._respond(sock, number):
                pass
        except (GoneError, OSError, ValueError):
            pass
        finally:
            self._open.discard(sock)
            sock.close()

    def _secured(self, sock: socket.socket) -> socket.socket:
        assert self._tls is not None
        self._open.discard(sock)
        secured = self._tls.wrap_socket(sock, server_side=True)
        self._open.add(secured)
        return secured

    def _respond(self, sock: socket.socket, connection: int) -> bool:
        """Responds; returns whether the connection stays open."""
        asked = _read(sock, connection)
        if asked is None:
            return False
        self.requests.append(asked)
        fault, number = self._planned(asked.path)
        exchange = self._exchange(sock, asked, number)
        if fault is None:
            exchange.answer(200, exchange.job())
            return True
        fault.play(exchange)
        return exchange.keep

    def _exchange(self, sock: socket.socket, asked: Asked, number: int) -> Exchange:
        return Exchange(sock, asked, number, self.pace, self._stopping)

    def _planned(self, path: str) -> tuple[Fault | None, int]:
        with self._lock:
            target = max((target for target in self._plans if target in path), key=len, default=None)
            if target is None:
                return None, 1
            self._seen[target] += 1
            number, plan = self._seen[target], self._plans[target]
            return plan[min(number, len(plan)) - 1], number

    def _close_all(self) -> None:
        for sock in list(self._open):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


def _read(sock: socket.socket, connection: int) -> Asked | None:
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(65_536)
        if not more:
            return None
        data += more
    first, *lines = data.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Asked(method, path, headers, time.monotonic(), connection)
