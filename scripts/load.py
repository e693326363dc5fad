"""A fast HTTP/1.1 client for measurements: keep-alive connections, latencies as seen by the client.

Standard library only. Every run is limited in time and count, and sends requests only to loopback addresses.
"""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    size: int  # bytes of head and body received
    body: bytes
    seconds: float


@dataclass
class Figures:
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)  # seconds, one per response
    statuses: Counter[int] = field(default_factory=Counter)
    received: int = 0  # bytes
    failures: int = 0  # broken connections

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """The latency in seconds below which the given share of responses was."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0

    def add(self, answer: Answer) -> None:
        self.latencies.append(answer.seconds)
        self.statuses[answer.status] += 1
        self.received += answer.size


class Connection:
    """A keep-alive connection, reopened when the server closes it."""

    def __init__(self, base: str) -> None:
        parts = urlsplit(base)
        self.host, self.port = parts.hostname or "", parts.port or 80
        if self.host not in {"127.0.0.1", "localhost", "::1"}:
            raise ValueError("Only addresses of this machine are measured.")
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def get(self, path: str, headers: dict[str, str] | None = None, *, keep_body: bool = False) -> Answer:
        """Raises OSError or asyncio.IncompleteReadError if the connection breaks."""
        lines = [f"GET {path} HTTP/1.1", f"Host: {self.host}:{self.port}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        return await self.send("\r\n".join([*lines, "", ""]).encode(), keep_body=keep_body)

    async def send(self, request: bytes, *, keep_body: bool = False) -> Answer:
        started = time.perf_counter()
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(self.host, self.port, limit=1 << 20)
        assert self.reader is not None
        try:
            self.writer.write(request)
            head = await self.reader.readuntil(b"\r\n\r\n")
            status, headers = _parse(head)
            body = await self._body(status, headers)
        except (OSError, asyncio.IncompleteReadError):
            await self.close()
            raise
        if headers.get("connection", "").lower() == "close":
            await self.close()
        seconds = time.perf_counter() - started
        return Answer(status, headers, len(head) + len(body), body if keep_body else b"", seconds)

    async def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None

    async def _body(self, status: int, headers: dict[str, str]) -> bytes:
        assert self.reader is not None
        if status in {204, 304}:
            return b""
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return await self._chunks()
        if "content-length" in headers:
            return await self.reader.readexactly(int(headers["content-length"]))
        return await self.reader.read()

    async def _chunks(self) -> bytes:
        assert self.reader is not None
        pieces = []
        while size := int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16):
            pieces.append(await self.reader.readexactly(size))
            await self.reader.readexactly(2)
        await self.reader.readuntil(b"\r\n")
        return b"".join(pieces)


async def closed_loop(base: str, path: str, headers: dict[str, str], *, connections: int, seconds: float) -> Figures:
    """Each connection sends the next request as soon as it has a response."""
    figures, until = Figures(), time.perf_counter() + seconds
    started = time.perf_counter()
    await asyncio.gather(*(_ask_until(Connection(base), path, headers, until, figures) for _ in range(connections)))
    figures.seconds = time.perf_counter() - started
    return figures


async def open_loop(
    base: str, paths: list[str], headers: dict[str, str], *, per_second: float, seconds: float
) -> Figures:
    """Requests at a constant rate, each on its own connection, without waiting for earlier responses."""
    figures, visits = Figures(seconds=seconds), []

    async def visit() -> None:
        connection = Connection(base)
        figures.add(await connection.get(random.choice(paths), headers))
        await connection.close()

    for _ in range(int(seconds * per_second)):
        visits.append(asyncio.create_task(visit()))
        await asyncio.sleep(1 / per_second)
    await asyncio.gather(*visits)
    if set(figures.statuses) != {200}:
        raise RuntimeError(f"pages: {dict(figures.statuses)}")
    return figures


async def _ask_until(
    connection: Connection, path: str, headers: dict[str, str], until: float, figures: Figures
) -> None:
    while time.perf_counter() < until:
        try:
            figures.add(await connection.get(path, headers))
        except (OSError, asyncio.IncompleteReadError):
            figures.failures += 1
            await asyncio.sleep(0.05)
    await connection.close()


def _parse(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines if line)
    return int(first.split(" ", 2)[1]), {name.lower(): value.strip() for name, _, value in pairs}
