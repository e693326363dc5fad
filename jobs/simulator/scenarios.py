"""The stories, read from their files, with all times as seconds after the job was created."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from jobs.simulator import ids
from jobs.simulator.offsets import after, instant, seconds
from jobs.simulator.steps import Fault, Intent, faults_of, intents_of
from jobs.simulator.story_files import load
from jobs.simulator.workflows import Workflow, workflow

MAIN = "es-live"  # the workspace of the demo, which has a job of every story in the demo


@dataclass(frozen=True, slots=True)
class File:
    """A future attachment. `url`: "auto" is a link to the simulator, "" is none, anything else is literal."""

    name: str
    mime: str
    size: int
    since: float = 0.0  # seconds after the job was created
    key: str = ""
    desc: str = ""
    category: str = ""
    url: str = "auto"
    private: bool = False
    meta: Mapping[str, str] = field(default_factory=dict)
    id_version: int = 7
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """A future envelope: its recipe, and when it appears and is signed and stamped."""

    recipe: str
    since: float = 0.0
    signed: float | None = None
    stamped: float | None = None
    stamps: tuple[tuple[str, str], ...] = ()
    head: Mapping[str, Any] = field(default_factory=dict)
    patch: Mapping[str, Any] = field(default_factory=dict)
    size: int = 0
    uuid_version: int = 7


@dataclass(frozen=True, slots=True)
class Expect:
    """The expected conclusions of the dashboard. None: not specified.

    Places are indexes into the job's intents and faults, in the order of the body at that time. The workflow is known:
    without it, future steps and the error branch cannot be determined.
    """

    outcome: str
    document: str | None = None
    deliveries: Mapping[str, str] | None = None  # the state at each destination
    failed_step: int | None = None
    faults: int = 0
    root_fault: int | None = None
    consequences: tuple[int, ...] = ()
    skipped: tuple[int, ...] = ()
    recovered: int = 0  # ERR events of intents that were retried and succeeded
    handling: tuple[int, ...] = ()  # intents of the error branch
    open: bool = False
    signed: bool = False
    waiting: str | None = None  # supplier customer authority network invopop endpoint clock
    waiting_name: str | None = None
    attempt: int | None = None
    overdue: bool | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """A story, compared by identity and named in its file."""

    key: str
    title: str
    workspace: str
    workflow: Workflow | None
    workflow_id: str
    shape: str
    created: datetime  # for tests; live jobs start with the simulator
    live: bool
    lead: float  # for live jobs: seconds between their creation and the simulator's start
    speed: float  # the speed after that
    look: float  # the time that `expect` applies to, in seconds after creation
    id_version: int
    intent_version: int
    minted_before: float  # seconds between the id and the job
    index_base: int
    job_key: str
    tags: tuple[str, ...]
    args: Mapping[str, str]
    entry: str  # shared by stories with the same word; "" = no entry
    entry_version: int
    entry_before: float
    entry_since: float
    intents: tuple[Intent, ...]
    faults: tuple[Fault, ...]
    files: tuple[File, ...]
    paper: Paper | None
    completed: float | None
    status: str  # the final status, if it differs from the last event's
    nulls: bool
    raw: Mapping[str, Any] | None  # a literal body
    covers: tuple[str, ...]
    demo: str
    expect: Expect | None
    expect_at: tuple[tuple[float, Expect], ...]

    def job_id(self, started: datetime, workspace: str = "", counter: int = 0) -> UUID:
        """The id of a job of this story created at that time, which the id contains."""
        seed = self.seed(workspace)
        if self.raw is not None:
            return UUID(self.raw["id"])
        if self.id_version == 1:
            return ids.v1(_earlier(started, self.minted_before), seed)
        return ids.v7(_earlier(started, self.minted_before), seed, counter)

    def entry_id(self, started: datetime, workspace: str = "") -> UUID | None:
        """The silo entry of that job. Shared entries, and those created by a step, contain their own time."""
        if not self.entry:
            return None
        shared = self.entry != self.key
        at = instant("2026-09-01T08:00:00Z") if shared else _earlier(started, self.entry_before)
        return ids.minted(self.entry_version, at, f"entry:{self.entry}@{workspace or self.workspace}")

    def seed(self, workspace: str = "") -> str:
        return f"job:{self.key}@{workspace or self.workspace}"


@cache
def scenarios() -> tuple[Scenario, ...]:
    """All stories, in the order of their files."""
    return tuple(scenario_of(spec) for name in load("index") for spec in load(name))


@cache
def by_key() -> Mapping[str, Scenario]:
    return {scenario.key: scenario for scenario in scenarios()}


def scenario_of(spec: Mapping[str, Any]) -> Scenario:
    """The story of an entry in a file."""
    flow = workflow(spec["workflow"]) if spec.get("workflow") else None
    shape = spec.get("shape", "files2026")
    intents = intents_of(spec.get("steps", ()), flow, spec["key"])
    completed = _completed(spec, intents)
    live = spec.get("live", {})
    return Scenario(
        key=spec["key"],
        title=spec["title"],
        workspace=spec.get("workspace", MAIN),
        workflow=flow,
        workflow_id=str(flow.id) if flow else spec.get("workflow_id", ""),
        shape=shape,
        created=instant(spec["created"]),
        live=bool(live),
        lead=seconds(live.get("start_ago", 0)),
        speed=float(live.get("speed", 1)),
        look=seconds(spec.get("look", "1h")),
        id_version=spec.get("id_version", 7),
        intent_version=spec.get("intent_version", 7),
        minted_before=spec.get("minted_before", 0.0),
        index_base=spec.get("index_base", 0),
        job_key=spec.get("job_key", ""),
        tags=tuple(spec.get("tags", ())),
        args=spec.get("args", {}),
        entry=spec.get("entry", spec["key"]) or "",
        entry_version=spec.get("entry_version", spec.get("id_version", 7)),
        entry_before=spec.get("entry_before", 17.011),
        entry_since=_when(spec.get("entry_since", 0), intents),
        intents=intents,
        faults=faults_of(spec.get("steps", ()), intents),
        files=tuple(_files(spec.get("files", ()), intents)),
        paper=_paper(spec.get("envelope"), intents),
        completed=completed,
        status=spec.get("status", ""),
        nulls=spec.get("nulls", False),
        raw=spec.get("raw"),
        covers=tuple(spec.get("covers", ())),
        demo=spec.get("demo", ""),
        expect=_expect(spec["expect"], intents) if "expect" in spec else None,
        expect_at=tuple((seconds(at), _expect(words, intents)) for at, words in spec.get("expect_at", ())),
    )


def _completed(spec: Mapping[str, Any], intents: Sequence[Intent]) -> float | None:
    """Shortly after the last event; never, if the story leaves the job open."""
    if spec.get("open") or not intents:
        return None
    return round(intents[-1].events[-1].at + float(spec.get("completed_after", 0.008)), 3)


def _when(at: str | float, intents: Sequence[Intent]) -> float:
    """An offset, or the end of a named step; never, if the step does not occur."""
    if isinstance(at, str) and not at[:1].isdigit():
        return next((intent.events[-1].at for intent in intents if intent.ref == at), float("inf"))
    return seconds(at)


def _files(spec: Sequence[Mapping[str, Any]], intents: Sequence[Intent]) -> list[File]:
    made = []
    last = intents[-1].events[-1].at if intents and intents[-1].events else 0.0
    for words in spec:
        values = {name: value for name, value in words.items() if name not in {"since", "count"}}
        since = _when(words.get("since", last), intents)
        for number in range(1, words.get("count", 1) + 1):
            numbered = {name: _numbered(value, number) for name, value in values.items()}
            made.append(File(since=since, **numbered))
    return made


def _numbered(value: Any, number: int) -> Any:
    return value.replace("%02d", f"{number:02d}") if isinstance(value, str) else value


def _paper(spec: Mapping[str, Any] | None, intents: Sequence[Intent]) -> Paper | None:
    if not spec:
        return None
    signed = _when(spec.get("signed", "sign"), intents)
    stamped = _when(spec.get("stamped", "send"), intents)
    return Paper(
        recipe=spec["recipe"],
        since=_when(spec.get("since", 0), intents),
        signed=None if signed == float("inf") or spec.get("signed") is False else signed,
        stamped=None if stamped == float("inf") else stamped,
        stamps=tuple((provider, value) for provider, value in spec.get("stamps", ())),
        head=spec.get("head", {}),
        patch=spec.get("patch", {}),
        size=spec.get("size", 0),
        uuid_version=spec.get("uuid_version", 7),
    )


def _expect(words: Mapping[str, Any], intents: Sequence[Intent]) -> Expect:
    """The expectations. Steps are named; "name#2" is the second step of that name."""
    steps = [intent.ref for intent in intents]
    values: dict[str, Any] = dict(words)
    for name in ("skipped", "handling"):
        values[name] = tuple(_place(step, steps) for step in words.get(name, ()))
    values["consequences"] = tuple(words.get("consequences", ()))
    if step := words.get("failed_step"):
        values["failed_step"] = _place(step, steps)
    return Expect(**values)


def _place(step: str, steps: Sequence[str]) -> int:
    name, _, nth = step.partition("#")
    return [at for at, ref in enumerate(steps) if ref == name][int(nth or 1) - 1]


def _earlier(at: datetime, by: float) -> datetime:
    return after(at, -by)
