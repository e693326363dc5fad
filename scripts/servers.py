"""Starts separate databases for tests and measurements, which can be stopped, hung and emptied."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scripts.product import free_port

STARTED_WITHIN = 20  # seconds


def initdb() -> str | None:
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    return shutil.which("initdb") or next(map(str, places), None)


def families(pid: int) -> list[int]:
    """A process and all its descendants."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    found = children.read_text().split() if children.exists() else []
    return [pid, *(each for child in found for each in families(int(child)))]


@dataclass
class Server:
    """A server on `port` that can be stopped, or hung so that it does not respond."""

    command: list[str]
    port: int
    answers: Callable[[int], bool]
    user: str | None = None
    stop_signal: int = signal.SIGINT  # PostgreSQL's "fast" shutdown; it also ends Redis
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command, user=self.user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/"
        )
        deadline = time.monotonic() + STARTED_WITHIN
        while not self.answers(self.port):
            assert time.monotonic() < deadline, f"{self.command[0]} did not start"
            time.sleep(0.05)

    def stop(self) -> None:
        assert self.process is not None
        self.resume()
        self.process.send_signal(self.stop_signal)
        self.process.wait(20)

    def hang(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        assert self.process is not None
        for pid in families(self.process.pid):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass


@contextmanager
def postgresql() -> Iterator[Server]:
    """A new cluster at `postgres://tests@127.0.0.1:<port>/postgres`. PostgreSQL refuses to run as root."""
    user = "postgres" if os.geteuid() == 0 else None
    folder, port, program = Path(tempfile.mkdtemp()), free_port(), initdb()
    assert program is not None
    if user:
        shutil.chown(folder, user)
    make = [program, "-D", str(folder / "data"), "-A", "trust", "-U", "tests", "-N"]
    subprocess.run(make, user=user, check=True, stdout=subprocess.DEVNULL, cwd="/")
    options = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": folder, "fsync": "off"}
    command = [str(Path(program).with_name("postgres")), "-D", str(folder / "data")]
    command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    yield from _running(Server(command, port, _postgresql_answers, user), folder)


@contextmanager
def redis() -> Iterator[Server]:
    folder, port = Path(tempfile.mkdtemp()), free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    yield from _running(Server(command, port, _redis_answers), folder)


def _running(server: Server, folder: Path) -> Iterator[Server]:
    server.start()
    try:
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _postgresql_answers(port: int) -> bool:
    import psycopg

    try:
        with psycopg.connect(f"postgres://tests@127.0.0.1:{port}/postgres", connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False


def _redis_answers(port: int) -> bool:
    from redis import Redis, RedisError

    try:
        return bool(Redis(port=port, socket_timeout=1).ping())
    except RedisError:
        return False
