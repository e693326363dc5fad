"""Four people open jobs with a hundred thousand parts at once, while others read pages of the same process."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

from scripts.bench.stage import AT_ONCE, Row, Stage, memory, milliseconds, spread
from scripts.load import Connection, Figures, open_loop
from scripts.product import TEAM

TOGETHER = 4
PER_SECOND = 40  # with fewer, the 99th percentile is the slowest of all
SECONDS = 3.0  # per stretch, of which one without comes before each beside, so that a busy machine affects both
AT = "2026-03-02T09:15:01Z"


def steps(count: int = 10_000) -> dict[str, Any]:
    one = [{"index": at, "status": word, "at": AT} for at, word in enumerate(("QUEUED", "RUN", "OK"))]
    return {"intents": [{"id": str(uuid4()), "name": f"Step {at}", "events": one} for at in range(count)]}


def events(count: int = 100_000) -> dict[str, Any]:
    all_of_them = [{"index": at, "status": "RUN", "at": AT} for at in range(count)]
    return {"intents": [{"id": str(uuid4()), "name": "Step", "events": all_of_them}]}


def keys(count: int = 100_000) -> dict[str, Any]:
    return {"args": {f"name {at}": str(at) for at in range(count)}}


BODIES = {"10,000 steps": steps, "100,000 events": events, "100,000 keys": keys}


async def measure(stage: Stage) -> list[Row]:
    others = [stage.job("es-accepted", speed=AT_ONCE) for _ in range(5)]
    for path in others:
        await stage.opened(path)
    with _serving() as (url, bodies):
        try:
            stage.serve_against(url)
            return await _measured(stage, others, bodies)
        finally:
            stage.serve_against(stage.simulator.url)


async def _measured(stage: Stage, others: list[str], bodies: dict[str, bytes]) -> list[Row]:
    await _visited(stage, others, 1.0)
    rows, slowest, alone, beside = [], 0.0, Figures(), Figures()
    for name, make in BODIES.items():
        jobs = _put(bodies, make())  # before the measurement, because it takes this process a while
        alone.latencies += (await _visited(stage, others)).latencies
        visits = asyncio.create_task(_visited(stage, others))
        took = await asyncio.gather(*(_opened(stage, job) for job in jobs))
        beside.latencies += (await visits).latencies
        slowest = max(slowest, *took)
        rows.append(Row(f"{TOGETHER} jobs of {name} at once: the last page is there", milliseconds(max(took))))
    share = beside.percentile(0.99) / alone.percentile(0.99)
    name = f"{TOGETHER} huge answers at once: the slowest first page"
    return [
        *rows,
        Row(name, milliseconds(slowest), None, "≤ 6.5 s", is_main=True),
        Row("other people's page, nobody opens a huge one", spread(alone), 1.0),
        Row("other people's page meanwhile", spread(beside), share, "p99 ≤ 1.5"),
        Row("memory of the process, at most", f"{memory(stage.web_pids()[0], 'VmHWM'):.0f} MB"),
    ]


async def _visited(stage: Stage, paths: list[str], seconds: float = SECONDS) -> Figures:
    return await open_loop(stage.url, paths, stage.page_headers, per_second=PER_SECOND, seconds=seconds)


def _put(bodies: dict[str, bytes], body: dict[str, Any]) -> list[str]:
    """The ids of new jobs with this body, one for each person."""
    jobs = [str(uuid4()) for _ in range(TOGETHER)]
    for job in jobs:
        whole = {"id": job, "created_at": AT, "completed_at": AT, "status": "OK"} | body
        bodies[job] = json.dumps(whole).encode()
    return jobs


async def _opened(stage: Stage, job: str) -> float:
    """Seconds until the first page of an unknown job."""
    connection = Connection(stage.url)
    answer = await connection.get(f"/teams/{TEAM}/jobs/{job}/", stage.page_headers)
    await connection.close()
    if answer.status != 200:
        raise RuntimeError(f"huge: {answer.status}")
    return answer.seconds


@contextmanager
def _serving() -> Iterator[tuple[str, dict[str, bytes]]]:
    """An API that serves only the bodies in a dictionary, by job id."""
    bodies: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = bodies.get(self.path.rpartition("/")[2])
            answer = b"{}" if body is None else body
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (named by the library)
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", bodies
    finally:
        server.shutdown()
        server.server_close()
