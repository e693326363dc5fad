"""A person's pages while the worker reads the workspace of a busy day."""

import asyncio
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from uuid import UUID

from scripts.bench.stage import Row, Stage, spread
from scripts.load import Figures, open_loop
from scripts.product import ROOT, TEAM, Product, prepared, sign_in

SECONDS = 2.5  # per stretch
ROUNDS = 4  # of a stretch without and one beside the sweep, so that a busy machine affects both
PER_SECOND = 40  # with fewer, the 99th percentile is the slowest of all
JOBS = 5  # ended ones: a page that shows news is rendered again, with a sweep and without
STARTED_WITHIN = 60  # seconds
# A sweep whose budget is spent waits; one with a full budget reads ten jobs at once, then one a second. The worker runs
# all the time: pages say whether it does, and would be rendered again whenever it starts.
PAUSE = "UPDATE jobs_sweep SET spent_until = datetime('now', '+59 seconds')"
GO_ON = """
    UPDATE jobs_sweep SET spent_until = NULL;
    UPDATE jobs_work SET due_at = datetime('now') WHERE kind = 'sweep'
"""


async def measure(_: Stage) -> list[Row]:
    with (
        tempfile.TemporaryDirectory() as folder,
        prepared(Path(folder), simulator="--day", LOG_LEVEL="WARNING") as product,
    ):
        product.serve()
        return await _measured(product)


async def _measured(product: Product) -> list[Row]:
    headers = {"Cookie": sign_in(product.url), "Accept": "text/html", "Accept-Encoding": "gzip"}
    without, beside, read = Figures(), Figures(), 0
    product.start("worker", sys.executable, str(ROOT / "manage.py"), "worker")
    while len(jobs := _ended_jobs(product)) < JOBS:
        _execute(product, GO_ON)
        await _until_it_reads(product)
    paths = [f"/teams/{TEAM}/jobs/{job}/" for job in jobs]
    for _ in range(ROUNDS):
        _execute(product, PAUSE)
        await _visited(product.url, paths, headers, 1.0)  # renders what nobody has looked at for a while
        without.latencies += (await _visited(product.url, paths, headers)).latencies
        _execute(product, GO_ON)
        await _until_it_reads(product)
        before = _records(product)
        beside.latencies += (await _visited(product.url, paths, headers)).latencies
        read += _records(product) - before
    later = beside.percentile(0.99) / without.percentile(0.99)
    return [
        Row("page without a sweep", spread(without)),
        Row("page beside a sweep of a busy day", spread(beside), later, "p99 ≤ 1.5", is_main=True),
        Row("jobs read meanwhile", f"{read} in {ROUNDS * SECONDS:.0f} s"),
    ]


async def _visited(url: str, paths: list[str], headers: dict[str, str], seconds: float = SECONDS) -> Figures:
    return await open_loop(url, paths, headers, per_second=PER_SECOND, seconds=seconds)


async def _until_it_reads(product: Product) -> None:
    before, deadline = _records(product), time.monotonic() + STARTED_WITHIN
    while _records(product) <= before:
        if time.monotonic() > deadline:
            raise RuntimeError("the worker reads nothing")
        await asyncio.sleep(0.1)


def _ended_jobs(product: Product) -> list[UUID]:
    with closing(sqlite3.connect(product.folder / "db.sqlite3")) as database:
        ended = "SELECT job_id FROM jobs_jobrecord WHERE ended_at IS NOT NULL ORDER BY id LIMIT ?"
        return [UUID(job_id) for (job_id,) in database.execute(ended, [JOBS])]


def _records(product: Product) -> int:
    with closing(sqlite3.connect(product.folder / "db.sqlite3")) as database:
        return int(database.execute("SELECT count(*) FROM jobs_jobrecord").fetchone()[0])


def _execute(product: Product, statements: str) -> None:
    with closing(sqlite3.connect(product.folder / "db.sqlite3", timeout=20)) as database:
        database.executescript(statements)
