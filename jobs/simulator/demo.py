"""The jobs of the demo, in the order of a tour."""

from collections.abc import Iterator
from datetime import UTC, datetime

from jobs.simulator.offsets import after
from jobs.simulator.scenarios import MAIN, by_key
from jobs.simulator.story_files import load


def demo_jobs(begun: datetime | None = None) -> list[tuple[str, str, str]]:
    """(workspace, job id, description) of each job, all in the main workspace, for which there is one token.

    `begun` is when the simulator started, to the millisecond, which the ids of live jobs contain. A running simulator
    has its own list, in `Simulator.demo_jobs` and at `/_simulator/demo`.
    """
    return list(_tour(begun or datetime.now(UTC)))


def _tour(begun: datetime) -> Iterator[tuple[str, str, str]]:
    for key in load("demo"):
        scenario = by_key()[key]
        started = after(begun, -scenario.lead) if scenario.live else scenario.created
        yield MAIN, str(scenario.job_id(started, MAIN)), scenario.demo
