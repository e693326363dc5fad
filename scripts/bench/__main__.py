"""Runs all parts, prints each as it ends, and writes docs/performance.md."""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from scripts.bench import envelope, hanging, pages, processes, throughput, watchers
from scripts.bench.report import shown, write
from scripts.bench.stage import Row, stage

PARTS = {
    "One process": throughput,
    "Many watchers, one job": watchers,
    "The API hangs": hanging,
    "Envelopes": envelope,
    "In the browser": pages,
    "Many processes on PostgreSQL": processes,
}


def main() -> None:
    wanted, began = sys.argv[1:], time.monotonic()
    parts: list[tuple[str, list[Row]]] = []
    with tempfile.TemporaryDirectory() as folder, stage(Path(folder)) as made:
        for title, part in PARTS.items():
            if not wanted or part.__name__.rpartition(".")[2] in wanted:
                parts.append((title, asyncio.run(part.measure(made))))
                print(shown(*parts[-1]), f"  {time.monotonic() - began:.0f} s so far", flush=True)
    seconds = time.monotonic() - began
    print(f"{seconds:.0f} s in all")
    if not wanted:
        write(parts, seconds)


if __name__ == "__main__":
    main()
