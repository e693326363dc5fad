"""The setup of all parts: simulated API, product and bare view in separate processes, with one signed-in person."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import statistics
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from jobs.simulator.server import Simulator
from scripts.load import Answer, Connection, Figures
from scripts.product import TEAM, Product, free_port, prepared, sign_in, wait_for

AT_ONCE = 1e6  # the speed of a story that ends at once


@dataclass(frozen=True)
class Row:
    """A row of the table. `ratio`: compared with what `target` names; None if the figure is enough.

    `is_main`: one of the twelve before all tables, whose name must explain everything.
    """

    name: str
    figure: str
    ratio: float | None = None
    target: str = ""
    is_main: bool = False


@dataclass
class Stage:
    product: Product
    simulator: Simulator
    bare_url: str = ""
    cookie: str = ""
    rows: list[tuple[str, list[Row]]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.product.url

    @property
    def page_headers(self) -> dict[str, str]:
        return {"Cookie": self.cookie, "Accept": "text/html", "Accept-Encoding": "gzip"}

    def poll_headers(self, tag: str) -> dict[str, str]:
        return {"Cookie": self.cookie, "HX-Request": "true", "HX-PTag": tag}

    def job(self, story: str, *, speed: float = 1.0) -> str:
        """The path of a new job of that story."""
        return f"/teams/{TEAM}/jobs/{self.simulator.start_job(story, speed=speed)}/"

    async def opened(self, path: str, outcome: str = "") -> tuple[Answer, str]:
        """Opens a page until its job has that outcome; returns the response and the tag of the live part."""
        wanted = f'data-outcome="{outcome}'.encode()
        connection = Connection(self.url)
        for _ in range(100):
            page = await connection.get(path, self.page_headers)
            poll = await connection.get(path, self.poll_headers("none"), keep_body=True)
            if wanted in poll.body and b'data-outcome="unknown"' not in poll.body:
                await connection.close()
                return page, poll.headers["hx-ptag"]
            await asyncio.sleep(0.2)
        raise RuntimeError(f"nothing came for {path}")

    def make_due(self) -> None:
        """Makes all watched jobs due at once."""
        with closing(sqlite3.connect(self.product.folder / "db.sqlite3")) as database, database:
            database.execute("UPDATE jobs_snapshot SET next_at = datetime('now') WHERE next_at IS NOT NULL")

    def serve_against(self, api: str) -> None:
        """Restarts the product's server with another API."""
        self.product.environment["INVOPOP_API_URL"] = api
        self.restart()

    def restart(self, *, workers: int = 1) -> None:
        """Restarts the product's server on the same address."""
        self.product.end("web")
        self.product.serve(workers=workers)

    def web_pids(self) -> list[int]:
        master = self.product.named("web").pid
        return [int(each) for each in Path(f"/proc/{master}/task/{master}/children").read_text().split()]


@contextmanager
def stage(folder: Path, **environment: str) -> Iterator[Stage]:
    """One worker of 16 threads for each of the two servers; the one that is not measured is idle."""
    with Simulator() as simulator, prepared(folder, LOG_LEVEL="WARNING", **environment) as product:
        product.url = f"http://127.0.0.1:{free_port()}"
        product.environment["INVOPOP_API_URL"] = simulator.url
        product.serve()
        made = Stage(product, simulator)
        made.bare_url = _serve_bare(product)
        made.cookie = sign_in(product.url)
        yield made


def _serve_bare(product: Product) -> str:
    url = f"http://127.0.0.1:{free_port()}"
    gunicorn = str(Path(sys.executable).with_name("gunicorn"))
    bind = url.removeprefix("http://")
    command = (gunicorn, "scripts.bench.bare:application", "--bind", bind, "--workers", "1", "--threads", "16")
    process = product.start("bare", *command)
    wait_for(url + "/healthz", process)
    return url


def middle(values: list[float]) -> float:
    return statistics.median(values)


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.02 else f"{seconds * 1000:.1f} ms"


def spread(figures: Figures) -> str:
    return f"p50 {milliseconds(figures.percentile(0.5))}, p99 {milliseconds(figures.percentile(0.99))}"


def memory(pid: int, name: str = "VmRSS") -> float:
    """MB of a process; VmHWM is its peak."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1000 for line in lines if line.startswith(name)), 0.0)


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
