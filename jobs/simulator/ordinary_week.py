"""The jobs of an ordinary week, for long lists: fast to create, and nearly all successful."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

from jobs.simulator.offsets import instant
from jobs.simulator.scenarios import Scenario, by_key

# Workspace → (number of jobs, their stories; every seventh has the second).
_WEEK = {
    "es-live": (64, ("es-quick", "es-quick-ko")),
    "es-sand": (12, ("es-sand-quick", "es-sand-quick")),
    "it-live": (60, ("it-quick", "it-quick")),
    "de-live": (60, ("de-quick", "de-quick")),
}
_NEWEST = instant("2026-10-06T17:30:00Z")


@cache
def jobs() -> tuple[tuple[Scenario, datetime, str], ...]:
    """(story, time, workspace) of each job, newest first within a workspace."""
    return tuple(job for workspace, (count, keys) in _WEEK.items() for job in _week(workspace, count, keys))


def _week(workspace: str, count: int, keys: tuple[str, str]) -> Iterator[tuple[Scenario, datetime, str]]:
    at = _NEWEST
    for number in range(count):
        dice = hashlib.sha256(f"{workspace}:{number}".encode()).digest()
        at -= timedelta(minutes=17 + dice[0] % 60, milliseconds=dice[1] * 231)
        scenario = by_key()[keys[number % 7 == 3]]
        # A unique key gives a unique id and entry.
        own = f"{scenario.key}-{workspace}-{number:03d}"
        paper = (
            replace(scenario.paper, patch={**scenario.paper.patch, "code": f"{4000 - number:06d}"})
            if scenario.paper
            else None
        )
        tags = (f"lote-{number // 10:02d}",)
        yield replace(scenario, key=own, entry=own, workspace=workspace, tags=tags, paper=paper), at, workspace
