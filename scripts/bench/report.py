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

Measured on {date}: {machine}. gunicorn with one process of 16 threads where nothing else is said, the client on the
same machine, {seconds:.0f} s in all.
"""


def shown(title: str, rows: list[Row]) -> str:
    width = max(len(row.name) for row in rows)
    lines = [f"  {row.name:<{width}}  {_ratio(row):>7}  {row.figure}{_target(row)}" for row in rows]
    return "\n".join([title, *lines, ""])


def write(parts: list[tuple[str, list[Row]]], seconds: float) -> None:
    text = ABOUT.format(date=f"{datetime.now(UTC):%-d %B %Y}", machine=_machine(), seconds=seconds)
    for title, rows in parts:
        text += f"\n## {title}\n\n| what | figure | ratio | target |\n| --- | --- | --- | --- |\n"
        text += "".join(f"| {row.name} | {row.figure} | {_ratio(row)} | {row.target} |\n" for row in rows)
    PAGE.write_text(text)


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
