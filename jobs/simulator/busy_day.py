"""A busy day, for tests of reading a workspace: two thousand invoices, with failures of forty kinds.

Fifteen of the failures are fixed by a later run of the same document.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from jobs.simulator.scenarios import MAIN, Scenario, scenario_of
from jobs.simulator.story_files import load

JOBS = 2_000
DAY = timedelta(seconds=85_000)  # slightly less, so that the first jobs stay within the last day for a while
FAILS_EACH = 5  # one job in this many fails
MENDED = 15
STEPS = ("state1", "seq", "sign", "gen", "send", "pdf")


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """A job of the day. `way`: the index of its failure, or None."""

    scenario: Scenario
    started: datetime
    way: int | None = None
    is_mended: bool = False


def day(begun: datetime, workspace: str = MAIN, jobs: int = JOBS) -> Iterator[PlannedJob]:
    """The jobs, newest first. Fewer jobs have fewer kinds of failures."""
    every, ways = DAY / jobs, max(3, min(len(load("day")), jobs // 50))
    later = jobs // 10 // FAILS_EACH * FAILS_EACH + 1  # jobs between a failure and the run that fixes it
    for number in range(jobs):
        way = (number // FAILS_EACH) % ways * (len(load("day")) // ways) if number % FAILS_EACH == 2 else None
        document = next((each for each in (number, number + later) if _is_mended(each, jobs)), None)
        entry = f"day-{number}" if document is None else f"day-of-{document}"
        started = begun - (number + 1) * every
        yield PlannedJob(_scenario(number, way, entry, workspace), started, way, _is_mended(number, jobs))


def _is_mended(number: int, jobs: int) -> bool:
    """Whether it is a failure of the first hours that is rerun later."""
    mended = max(1, MENDED * jobs // JOBS)
    first = jobs - 2 * mended * FAILS_EACH
    return number % FAILS_EACH == 2 and first <= number < first + mended * FAILS_EACH


def _scenario(number: int, way: int | None, entry: str, workspace: str) -> Scenario:
    made = _story(way)
    paper = replace(made.paper, patch={"series": "DIA", "code": f"{number:06d}"}) if made.paper else None
    own: dict[str, Any] = {"key": f"day-{number}", "entry": entry, "workspace": workspace, "paper": paper}
    if way is None:
        return replace(made, **own)
    intents = tuple(
        replace(each, events=tuple(replace(event, message=_of(event.message, number)) for event in each.events))
        for each in made.intents
    )
    faults = tuple(replace(fault, message=_of(fault.message, number)) for fault in made.faults)
    return replace(made, **own, intents=intents, faults=faults)


def _of(message: str, number: int) -> str:
    return message.replace("%s", f"B{70_000_000 + number}")


@cache
def _story(way: int | None) -> Scenario:
    steps: list[Any] = [*STEPS, "state2"]
    if way is not None:
        wrong = load("day")[way]
        steps = [*STEPS[: STEPS.index(wrong["step"])], wrong | {"ends": "KO"}, "rstate"]
    return scenario_of(
        {
            "key": f"day-story-{way}",
            "title": "An invoice of a busy day",
            "workflow": "verifactu",
            "created": "2026-09-30T09:00:00.000Z",
            "steps": steps,
            "envelope": {"recipe": "es-plain", "stamps": [["verifactu-qr", "https://prewww2.aeat.es/wlpl/TIKE-CONT"]]},
        }
    )
