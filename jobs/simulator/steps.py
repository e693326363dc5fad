"""Expands the short form of a story's steps into timed intents and events.

A step is a name or an object: {"step", "takes", "ends", "code", "message", "args", "gap", "events", "fault"}.
Without `events` it is RUN and one ending. An event is [when, status, code?, message?], `when` an offset, or "+0.4"
after the event before; or one of {"retries": n, …}: n times RUN and ERR after the usual pauses, {"again": n, "every":
…}: n times RUN and QUEUED, {"after_backoff": status}: the next event after such a pause.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from jobs.simulator.offsets import backoff, seconds
from jobs.simulator.workflows import Step, Workflow

# How long steps take in seconds, by the first listed word of their action.
_TAKES = {
    "silo.state": 0.06, "silo.close": 0.1, "silo.if": 0.02, "silo.folder": 0.05, "silo": 0.08, "sequence": 0.1,
    "pdf": 1.1, "webhook": 0.25, "slack": 0.4, "email": 0.8, "ubl": 0.3, "cii": 0.3, "verifactu.generate": 0.3,
}  # fmt: skip
_BAD = frozenset({"KO", "TIMEOUT"})


@dataclass(frozen=True, slots=True)
class Event:
    at: float  # seconds after the job was created
    status: str
    code: str = ""
    message: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    creates_entry: bool = False


@dataclass(frozen=True, slots=True)
class Intent:
    ref: str
    step: Step | None
    step_id: str
    at: float
    events: tuple[Event, ...]
    ends: bool  # whether the last event ends it


@dataclass(frozen=True, slots=True)
class Fault:
    since: float
    provider: str
    code: str = ""
    message: str = ""
    paths: tuple[str, ...] = ()
    fields: str = ""


def intents_of(steps: Sequence[Any], flow: Workflow | None, seed: str) -> tuple[Intent, ...]:
    """The intents, each of which begins when the previous one ends."""
    made: list[Intent] = []
    end = 0.06
    for number, words in enumerate(_each(steps)):
        start = round(end + seconds(words.get("gap", 0.008)) + _jitter(seed, number), 3)
        made.append(_intent(words, flow, start))
        end = made[-1].events[-1].at if made[-1].events else start
    return tuple(made)


def faults_of(steps: Sequence[Any], intents: Sequence[Intent]) -> tuple[Fault, ...]:
    """A fault for each KO and TIMEOUT, with the values of the step's "fault"; none if that is null."""
    pairs = zip(_each(steps), intents, strict=True)
    return tuple(_fault(words.get("fault", {}), intent) for words, intent in pairs if _is_fault(words, intent))


def _each(steps: Sequence[Any]) -> list[Mapping[str, Any]]:
    spec: list[Mapping[str, Any]] = [{"step": words} if isinstance(words, str) else words for words in steps]
    return [_nth(words, turn) for words in spec for turn in range(int(words.get("count", 1)))]


def _nth(words: Mapping[str, Any], turn: int) -> Mapping[str, Any]:
    return {**words, "step": words["step"].replace("%02d", f"{turn + 1:02d}")} if "step" in words else words


def _is_fault(words: Mapping[str, Any], intent: Intent) -> bool:
    return words.get("fault", {}) is not None and bool(intent.events) and intent.events[-1].status in _BAD


def _fault(words: Mapping[str, Any], intent: Intent) -> Fault:
    last = intent.events[-1]
    made = Fault(last.at, intent.step.action if intent.step else "", last.code, last.message)
    values: dict[str, Any] = {name: tuple(value) if name == "paths" else value for name, value in words.items()}
    return replace(made, **values)


def _intent(words: Mapping[str, Any], flow: Workflow | None, start: float) -> Intent:
    step = flow.step(words["step"]) if flow and "step" in words else None
    events = tuple(_events(words, start, step))
    ends = bool(events) and events[-1].status in _BAD | {"OK", "SKIP", "CANCEL"}
    step_id = str(step.id) if step else words.get("id", "")
    return Intent(words.get("step", step_id), step, step_id, start, events, words.get("completed", ends))


def _events(words: Mapping[str, Any], start: float, step: Step | None) -> Iterator[Event]:
    if "events" not in words:
        yield from _usual(words, start, step)
        return
    at, failures = start, 0
    for spec in words["events"]:
        for event in _events_of(spec, at, start, failures):
            at = event.at
            failures += event.status == "ERR"
            yield _with_message_length(event, words)


def _usual(words: Mapping[str, Any], start: float, step: Step | None) -> Iterator[Event]:
    status = words.get("ends", "OK")
    takes = seconds(words["takes"]) if "takes" in words else (0.05 if status == "SKIP" else _takes(step))
    yield Event(round(start + 0.011, 3), "RUN")
    end = round(start + 0.011 + takes, 3)
    args = words.get("args", {})
    yield Event(end, status, words.get("code", ""), words.get("message", ""), args, words.get("creates_entry", False))


def _events_of(spec: Any, at: float, start: float, failures: int) -> Iterator[Event]:
    if isinstance(spec, list):
        yield _plain(spec, at, start)
    elif "retries" in spec:
        yield from _retries(spec, at, failures)
    elif "again" in spec:
        yield from _again(spec, at)
    else:
        yield Event(round(at + backoff(max(1, failures)), 3), spec["after_backoff"])


def _plain(spec: Sequence[Any], at: float, start: float) -> Event:
    when, status, *rest = spec
    later = isinstance(when, str) and when.startswith("+")
    moment = at + seconds(when[1:]) if later else seconds(when)
    code, message, *more = [*rest, "", ""][: max(2, len(rest))]
    extra: Mapping[str, Any] = more[0] if more else {}
    return Event(round(max(moment, start), 3), status, code, message, extra.get("args", {}), extra.get("entry", False))


def _retries(spec: Mapping[str, Any], at: float, failures: int) -> Iterator[Event]:
    for turn in range(spec["retries"]):
        run = at + backoff(failures + turn)
        at = run + spec.get("run_for", 1.0)
        yield Event(round(run, 3), "RUN")
        yield Event(round(at, 3), "ERR", spec.get("code", ""), spec.get("message", ""))


def _again(spec: Mapping[str, Any], at: float) -> Iterator[Event]:
    for _turn in range(spec["again"]):
        run = at + seconds(spec["every"])
        at = run + spec.get("run_for", 0.4)
        yield Event(round(run, 3), "RUN")
        yield Event(round(at, 3), "QUEUED", spec.get("code", ""), spec.get("message", ""))


def _with_message_length(event: Event, words: Mapping[str, Any]) -> Event:
    """The event with its message repeated up to a length, for long texts."""
    length = words.get("message_length", 0)
    if not length or not event.message:
        return event
    return replace(event, message=(event.message + " ") * (length // (len(event.message) + 1) + 1))


def _takes(step: Step | None) -> float:
    action = step.action if step else ""
    return next((takes for prefix, takes in _TAKES.items() if action.startswith(prefix)), 1.2)


def _jitter(seed: str, number: int) -> float:
    """Up to 9 ms, so that stories differ in time."""
    return hashlib.sha256(f"{seed}:{number}".encode()).digest()[0] % 10 / 1000
