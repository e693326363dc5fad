"""A person's pages while the worker reads the workspace of a busy day."""

import asyncio
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from scripts.bench.stage import Row, Stage, spread
from scripts.load import Figures, open_loop
from scripts.product import ROOT, TEAM, Product, prepared, sign_in, tour

SECONDS = 4.0  # per stretch
ROUNDS = 2  # of a stretch without and one with the worker, so that a busy machine affects both
PER_SECOND = 40  # with fewer, the 99th percentile is the slowest of all
STARTED_WITHIN = 60  # seconds


async def measure(_: Stage) -> list[Row]:
    with (
        tempfile.TemporaryDirectory() as folder,
        prepared(Path(folder), simulator="--day", LOG_LEVEL="WARNING") as product,
    ):
        product.serve()
        return await _measured(product)


async def _measured(product: Product) -> list[Row]:
    headers = {"Cookie": sign_in(product.url), "Accept": "text/html", "Accept-Encoding": "gzip"}
    paths = [f"/teams/{TEAM}/jobs/{job}/" for job in tour(product)[:5]]
    await _visited(product.url, paths, headers, 1.0)
    without, beside, read = Figures(), Figures(), 0
    for _ in range(ROUNDS):
        alone = await _visited(product.url, paths, headers)
        product.start("worker", sys.executable, str(ROOT / "manage.py"), "worker")
        await _until_it_reads(product)
        before = _records(product)
        swept = await _visited(product.url, paths, headers)
        read += _records(product) - before
        product.end("worker")
        without.latencies += alone.latencies
        beside.latencies += swept.latencies
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


def _records(product: Product) -> int:
    with closing(sqlite3.connect(product.folder / "db.sqlite3")) as database:
        return int(database.execute("SELECT count(*) FROM jobs_jobrecord").fetchone()[0])
