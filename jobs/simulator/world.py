"""All simulated jobs: by id, by key, by entry, and in lists. Independent of HTTP."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cached_property  # noqa: TID251 (a process has one world, and it imports no Django)
from typing import Any
from uuid import UUID

from jobs.simulator import busy_day, ids, ordinary_week, story
from jobs.simulator.http_server import encoded
from jobs.simulator.offsets import after, elapsed
from jobs.simulator.scenarios import MAIN, Scenario, by_key, scenarios
from jobs.simulator.story import Pace, Run

KEPT = 48 << 20  # bytes of encoded bodies


class World:
    """All jobs of all workspaces. `clock` returns the current time, aware and in UTC."""

    def __init__(
        self, clock: Callable[[], datetime], file_base: str, busy: str = "", jobs: int = busy_day.JOBS
    ) -> None:
        """`busy`: a workspace with a busy day of that many jobs."""
        self.clock = clock
        self.file_base = file_base
        self.begun = _whole(clock())
        self._busiest, self._jobs_of_day = busy, jobs
        self._runs = self._first()
        self._started: dict[UUID, Run] = {}
        self._sorted = sorted(self._runs.values(), key=_age, reverse=True)  # replaced as a whole: no lock to read
        self._bodies: OrderedDict[tuple[UUID, str, int], bytes] = OrderedDict()
        self._kept = 0
        self._lock = threading.Lock()

    def start(self, key: str, speed: float = 1.0, workspace: str = "") -> UUID:
        """A new job of that story that starts now. Raises KeyError for an unknown story."""
        scenario = by_key()[key]
        with self._lock:
            run = Run(
                scenario,
                _whole(self.clock()),
                workspace or MAIN,
                Pace(0.0, speed),
                len(self._started) + 1,
                self.file_base,
            )
            self._started[run.id] = run
            self._sorted = sorted([*self._sorted, run], key=_age, reverse=True)
        return run.id

    def job(self, own: UUID, workspace: str) -> Run | None:
        """The job with that id, if it is in the workspace."""
        run = self._runs.get(own) or self._started.get(own) or self._recognised(own)
        return run if run is not None and run.workspace == workspace else None

    def job_by_key(self, key: str, workspace: str) -> Run | None:
        """The newest job with that key; keys are unique for two years.  # [D]"""
        found = (run for run in self.jobs(workspace) if run.scenario.job_key == key)
        return next(found, None)

    def jobs(self, workspace: str) -> Iterator[Run]:
        """The jobs created so far, newest first."""
        now = self.clock()
        return (run for run in self._sorted if run.workspace == workspace and run.started <= now)

    def of_entry(self, entry: UUID) -> list[Run]:
        """The jobs of a silo entry in any workspace, newest first."""
        known = [run for run in self._sorted if run.entry == entry]
        return known or [run for run in self._remembered(entry) if run.entry == entry]

    def body(self, run: Run) -> bytes:
        """The job's current body, encoded, and cached until it changes."""
        offset = run.pace.to_story(elapsed(run.started, self.clock()))
        version = story.version(run, offset)
        kept = self._bodies.get((run.id, run.workspace, version))
        return kept if kept is not None else self._made(run, offset, version)

    def item(self, run: Run) -> dict[str, Any]:
        return story.short_form(run, self.clock())

    def _first(self) -> dict[UUID, Run]:
        """The jobs present from the start."""
        offset = [run for scenario in scenarios() for run in self._homes(scenario)]
        return {run.id: run for run in [*offset, *self._plain(), *self._busy()]}

    def _homes(self, scenario: Scenario) -> Iterator[Run]:
        """The workspaces with a job of a story: its own, and the main one if the demo shows it."""
        started = after(self.begun, -scenario.lead) if scenario.live else scenario.created
        pace = Pace(scenario.lead, scenario.speed) if scenario.live else Pace()
        for workspace in dict.fromkeys([scenario.workspace, MAIN] if scenario.demo else [scenario.workspace]):
            yield Run(scenario, started, workspace, pace, 0, self.file_base)

    def _plain(self) -> Iterator[Run]:
        for scenario, started, workspace in ordinary_week.jobs():
            yield Run(scenario, started, workspace, Pace(), 0, self.file_base)

    def _busy(self) -> Iterator[Run]:
        for planned in busy_day.day(self.begun, self._busiest, self._jobs_of_day) if self._busiest else ():
            yield Run(planned.scenario, _whole(planned.started), self._busiest, Pace(), 0, self.file_base)

    def _recognised(self, own: UUID) -> Run | None:
        """A live job of an earlier start. Its id identifies story and time, so old links still work."""
        scenario_and_workspace = self._seals.get(ids.seal_of(own) or -1)
        if scenario_and_workspace is None:
            return None
        scenario, workspace = scenario_and_workspace
        run = Run(scenario, ids.time_of(own), workspace, Pace(scenario.lead, scenario.speed), 0, self.file_base)
        return run if run.id == own and run.started <= self.clock() else None

    def _remembered(self, entry: UUID) -> Iterator[Run]:
        if entry.version != 7:
            return
        for scenario, workspace in self._seals.values():
            started = after(ids.time_of(entry), scenario.entry_before)
            yield Run(scenario, started, workspace, Pace(scenario.lead, scenario.speed), 0, self.file_base)

    @cached_property
    def _seals(self) -> dict[int, tuple[Scenario, str]]:
        runs = [run for run in self._runs.values() if run.scenario.live]
        return {ids.seal(run.scenario.seed(run.workspace)): (run.scenario, run.workspace) for run in runs}

    def _made(self, run: Run, offset: float, version: int) -> bytes:
        made = encoded(story.job_at(run, offset))
        with self._lock:
            self._bodies[(run.id, run.workspace, version)] = made
            self._kept += len(made)
            while self._kept > KEPT and len(self._bodies) > 1:
                self._kept -= len(self._bodies.popitem(last=False)[1])
        return made


def _age(run: Run) -> tuple[datetime, UUID]:
    return run.started, run.id


def _whole(at: datetime) -> datetime:
    """The time cut to milliseconds, the precision of ids and the API."""
    return at - timedelta(microseconds=at.microsecond % 1000)
