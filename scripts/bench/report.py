"""The figures as text, and as docs/performance.md with the machine they were measured on."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from scripts.bench.stage import Row
from scripts.product import ROOT

PAGE = ROOT / "docs" / "performance.md"
ABOUT = """# Performance

Written by `make bench`. On your machine all figures differ; ratios compare figures of one run, so they hold
elsewhere, and targets are ratios where they can be.

Measured on {date}: {machine}. gunicorn with one process of 16 threads unless stated otherwise, the client on the
same machine, {seconds:.0f} s in all.{busy}
"""
BUSY = """ **The machine was shared**: {load:.0f} other programs used its processor when the run began, so times
are far longer than on an idle one."""
QUIET = 1.0  # programs


MAIN = "The figures that matter"
HEAD = "| what | figure | ratio | target |\n| --- | --- | --- | --- |\n"


def main_rows(parts: list[tuple[str, list[Row]]]) -> list[Row]:
    return [row for _, rows in parts for row in rows if row.is_main]


def shown(title: str, rows: list[Row]) -> str:
    width = max((len(row.name) for row in rows), default=0)
    lines = [f"  {row.name:<{width}}  {_ratio(row):>7}  {row.figure}{_target(row)}" for row in rows]
    return "\n".join([title, *lines, ""])


def page(parts: list[tuple[str, list[Row]]], seconds: float, load: float) -> str:
    """`load`: the load average before the run."""
    busy = BUSY.format(load=load) if load >= QUIET else ""
    text = ABOUT.format(date=f"{datetime.now(UTC):%-d %B %Y}", machine=_machine(), seconds=seconds, busy=busy)
    for title, rows in [(MAIN, main_rows(parts)), *parts]:
        text += f"\n## {title}\n\n{HEAD}"
        text += "".join(f"| {row.name} | {row.figure} | {_ratio(row)} | {row.target} |\n" for row in rows)
    return text


def _ratio(row: Row) -> str:
    if row.ratio is None:
        return ""
    return f"{row.ratio:.2f}" if row.ratio < 10 else f"{row.ratio:.0f}"


def _target(row: Row) -> str:
    return f"  ({row.target})" if row.target else ""


def _machine() -> str:
    model = next((line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "")
    memory = next((int(line.split()[1]) // 1_000_000 for line in _lines("/proc/meminfo")), 0)
    version = platform.python_version()
    return f"{os.cpu_count()} cores ({model or platform.machine()}), {memory} GB, {platform.system()}, Python {version}"


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []
