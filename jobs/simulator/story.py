"""The API's body of a job at a given time: a pure function of the story and the clock."""

import bisect
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import quote
from uuid import UUID

from jobs.simulator import ids
from jobs.simulator.envelopes import Envelope, envelope
from jobs.simulator.files import Content, sha256
from jobs.simulator.offsets import after, elapsed, iso
from jobs.simulator.scenarios import File, Paper, Scenario
from jobs.simulator.steps import Event, Fault, Intent

SILO = "https://silo.invopop.com"
STEP_FIELDS = {"task2021": "task_id", "integration": "integration_id"}
SHAPES = ("task2021", "integration", "step2023", "faults2024", "args2025", "files2026")  # oldest first


@dataclass(frozen=True, slots=True)
class Pace:
    """Converts between story time and real time: equal for the first `lead` seconds, then `speed` times as fast."""

    lead: float = 0.0
    speed: float = 1.0

    def to_story(self, real: float) -> float:
        return real if real <= self.lead else self.lead + (real - self.lead) * self.speed

    def to_real(self, offset: float) -> float:
        return offset if offset <= self.lead else self.lead + (offset - self.lead) / self.speed


@dataclass(frozen=True, slots=True)
class Run:
    """A job: a story that began at an instant in a workspace."""

    scenario: Scenario
    started: datetime
    workspace: str = ""
    pace: Pace = Pace()
    counter: int = 0
    file_base: str = SILO

    @property
    def id(self) -> UUID:
        return self.scenario.job_id(self.started, self.workspace, self.counter)

    @property
    def entry(self) -> UUID | None:
        return self.scenario.entry_id(self.started, self.workspace)

    def at(self, offset: float) -> str:
        return iso(self.moment(offset))

    def moment(self, offset: float) -> datetime:
        return after(self.started, self.pace.to_real(offset))


def body(
    scenario: Scenario, started: datetime, now: datetime, *, pace: Pace = Pace(), file_base: str = SILO
) -> dict[str, Any]:
    """The JSON of the job at `now`. Fields without a value are omitted, or null if the story says so."""
    return body_of(Run(scenario, started, pace=pace, file_base=file_base), now)


def body_at(scenario: Scenario, offset: float) -> dict[str, Any]:
    """The body of the job `offset` seconds after its creation, at its own pace."""
    return body(scenario, scenario.created, after(scenario.created, offset))


def body_of(run: Run, now: datetime) -> dict[str, Any]:
    return job_at(run, run.pace.to_story(elapsed(run.started, now)))


def job_at(run: Run, offset: float) -> dict[str, Any]:
    """The same by story time, in seconds."""
    scenario = run.scenario
    if scenario.raw is not None:
        return dict(scenario.raw)
    fields = _head(run, offset) | _middle(run, offset) | _tail(run, offset)
    return (
        fields if scenario.nulls else {name: value for name, value in fields.items() if value not in (None, "", [], {})}
    )


@cache
def _moments(scenario: Scenario) -> tuple[float, ...]:
    """The times in story time at which the body changes, in order."""
    found = {0.0, *(intent.at for intent in scenario.intents), *(fault.since for fault in scenario.faults)}
    found |= {event.at for intent in scenario.intents for event in intent.events} | {
        file.since for file in scenario.files
    }
    found |= {scenario.entry_since} | ({scenario.completed} if scenario.completed is not None else set())
    if paper := scenario.paper:
        found |= {moment for moment in (paper.since, paper.signed, paper.stamped) if moment is not None}
    return tuple(sorted(found))


def version(run: Run, offset: float) -> int:
    """Increases by one each time the body changes; -1 before the job was created."""
    return bisect.bisect_right(_moments(run.scenario), offset) - 1


def short_form(run: Run, now: datetime) -> dict[str, Any]:
    """The job as in the list.  # [W] times, entry, workflow, status, end; nothing else"""
    offset = run.pace.to_story(elapsed(run.started, now))
    if run.scenario.raw is not None:
        names = ("id", "created_at", "updated_at", "completed_at", "silo_entry_id", "workflow_id", "status")
        return {name: run.scenario.raw[name] for name in names if run.scenario.raw.get(name)}
    head, middle = _head(run, offset), {"workflow_id": run.scenario.workflow_id, "silo_entry_id": _entry(run, offset)}
    names = ("id", "created_at", "updated_at", "completed_at", "silo_entry_id", "workflow_id", "status")
    return {name: value for name in names if (value := (head | middle).get(name))}


def files_of(run: Run, offset: float) -> list[tuple[UUID, File, Content]]:
    """The files at that time, with their ids and contents."""
    found = []
    for index, file in enumerate(run.scenario.files):
        if file.since <= offset:
            own = ids.minted(file.id_version, run.moment(file.since), f"{run.id}:file:{index}")
            found.append(
                (own, file, Content(file.name, file.mime, file.size, f"{run.scenario.key}:{index}", file.sha256))
            )
    return found


def _head(run: Run, offset: float) -> dict[str, Any]:
    scenario = run.scenario
    done = scenario.completed is not None and offset >= scenario.completed
    return {
        "id": str(run.id),
        "created_at": iso(run.started),
        "updated_at": run.at(_updated(scenario, offset)),
        "completed_at": run.at(scenario.completed or 0.0) if done else None,
        "status": (scenario.status if done else "") or _status(scenario, offset),
    }


def _middle(run: Run, offset: float) -> dict[str, Any]:
    scenario = run.scenario
    since2025 = SHAPES.index(scenario.shape) >= SHAPES.index("args2025")
    return {
        "key": scenario.job_key if since2025 else None,
        "args": dict(scenario.args) if since2025 else None,
        "tags": list(scenario.tags),
        "silo_entry_id": _entry(run, offset),
        "workflow_id": scenario.workflow_id,
        "intents": [
            _intent(run, at, intent, offset) for at, intent in enumerate(scenario.intents) if intent.at <= offset
        ],
    }


def _tail(run: Run, offset: float) -> dict[str, Any]:
    scenario = run.scenario
    has_faults = SHAPES.index(scenario.shape) >= SHAPES.index("faults2024")
    faults = [_fault(scenario, fault) for fault in scenario.faults if fault.since <= offset]
    return {
        "faults": faults if has_faults else None,
        "envelope": _envelope(run, scenario.paper, offset) if scenario.paper else None,
        "attachments": [_attachment(run, *found) for found in files_of(run, offset)],
    }


def _entry(run: Run, offset: float) -> str | None:
    return str(run.entry) if run.entry and offset >= run.scenario.entry_since else None


def _seen(intent: Intent, offset: float) -> tuple[Event, ...]:
    return intent.events[: bisect.bisect_right(intent.events, offset, key=lambda event: event.at)]


def _status(scenario: Scenario, offset: float) -> str:
    """The last event's status; NA for a job without events.  # [I] while a job is open"""
    seen = [event for intent in scenario.intents if intent.at <= offset for event in _seen(intent, offset)]
    return seen[-1].status if seen else "NA"


def _updated(scenario: Scenario, offset: float) -> float:
    marks = [event.at for intent in scenario.intents for event in _seen(intent, offset)]
    marks += [intent.at for intent in scenario.intents if intent.at <= offset]
    done = scenario.completed
    return max([0.0, *marks, *([done] if done is not None and done <= offset else [])])


def _intent(run: Run, position: int, intent: Intent, offset: float) -> dict[str, Any]:
    scenario, seen = run.scenario, _seen(intent, offset)
    own = ids.minted(scenario.intent_version, run.moment(intent.at), f"{run.id}:{position}")
    marks = {"created_at": run.at(intent.at), "updated_at": run.at(seen[-1].at if seen else intent.at)}
    made: dict[str, Any] = {"id": str(own), **marks, STEP_FIELDS.get(scenario.shape, "step_id"): intent.step_id}
    if intent.step and scenario.shape not in STEP_FIELDS:
        made |= {"name": intent.step.name, "provider": intent.step.action}
    if intent.ends and len(seen) == len(intent.events):
        made["completed"] = True
    events = [_event(run, index, event) for index, event in enumerate(seen, scenario.index_base)]
    return made | ({"events": events} if events else {})


def _event(run: Run, index: int, event: Event) -> dict[str, Any]:
    made: dict[str, Any] = {"index": index, "status": event.status, "at": run.at(event.at)}
    if event.code:
        made["code"] = event.code
    if event.message:
        made["message"] = event.message
    if SHAPES.index(run.scenario.shape) >= SHAPES.index("args2025"):
        made |= ({"args": dict(event.args)} if event.args else {}) | (
            {"silo_entry_id": str(run.entry)} if event.creates_entry else {}
        )
    return made


def _fault(scenario: Scenario, fault: Fault) -> dict[str, Any]:
    made: dict[str, Any] = {"provider": fault.provider}
    words = {"code": fault.code, "message": fault.message, "fields": fault.fields}
    made |= {name: value for name, value in words.items() if value}
    return made | {"paths": list(fault.paths)} if fault.paths and scenario.shape == "files2026" else made


def _attachment(run: Run, own: UUID, file: File, content: Content) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": str(own),
        "name": file.name,
        "mime": file.mime,
        "size": file.size,
        "hash": sha256(content),
    }
    if file.desc:
        made["desc"] = file.desc
    if url := _url(run, own, file, made["hash"]):
        made["url"] = url
    if file.meta:
        made["meta"] = dict(file.meta)
    if file.private:
        made["private"] = True
    if run.scenario.shape == "files2026":
        made |= {name: value for name, value in (("key", file.key), ("category", file.category)) if value}
    return made


def _url(run: Run, own: UUID, file: File, sha: str) -> str:
    """# [W] base / entry / file / name ? h = the first sixteen of the hash"""
    if file.url != "auto" or run.entry is None:
        return "" if file.url == "auto" else file.url
    return f"{run.file_base}/{ids.short(run.entry)}/{ids.short(own)}/{quote(file.name, safe='')}?h={sha[:16]}"


def _envelope(run: Run, paper: Paper, offset: float) -> dict[str, Any] | None:
    """The envelope. Its head's uuid is older than the job by the time it took to write the document."""
    if offset < paper.since:
        return None
    issued = run.started - timedelta(seconds=21.4)
    signed = paper.signed is not None and offset >= paper.signed
    stamped = paper.stamped is not None and offset >= paper.stamped
    return envelope(
        Envelope(
            recipe=paper.recipe,
            uuid=ids.minted(paper.uuid_version, issued, f"head:{run.id}"),
            issued=run.started,
            signed_at=run.moment(paper.signed or 0.0) if signed else None,
            stamps=paper.stamps if stamped else (),
            head=paper.head,
            patch=paper.patch,
            size=paper.size,
        )
    )
