"""Runs all parts, prints each result and the main figures, and writes docs/performance.md."""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from scripts.bench import beside_sweep, envelope, failures, hanging, huge, pages, peers, processes, throughput, watchers
from scripts.bench.report import MAIN, PAGE, main_rows, page, shown
from scripts.bench.stage import Row, stage

PARTS = {
    "One process": throughput,
    "Many watchers, one job": watchers,
    "The API hangs": hanging,
    "Beside a sweep": beside_sweep,
    "Huge answers": huge,
    "Envelopes": envelope,
    "In the browser": pages,
    "Failures": failures,
    "Many processes on PostgreSQL": processes,
    "Beside others": peers,
}


def main() -> None:
    wanted, began, load = sys.argv[1:], time.monotonic(), os.getloadavg()[0]
    parts: list[tuple[str, list[Row]]] = []
    with tempfile.TemporaryDirectory() as folder, stage(Path(folder)) as made:
        for title, part in PARTS.items():
            if not wanted or part.__name__.rpartition(".")[2] in wanted:
                parts.append((title, asyncio.run(part.measure(made))))
                print(shown(*parts[-1]), f"  {time.monotonic() - began:.0f} s so far", flush=True)
    seconds = time.monotonic() - began
    print(shown(MAIN, main_rows(parts)), f"  {seconds:.0f} s in all")
    if not wanted:
        PAGE.write_text(page(parts, seconds, load))


if __name__ == "__main__":
    main()
