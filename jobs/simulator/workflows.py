"""The workflows of the stories: steps with conditions, the error branch, and the API's responses about them."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from jobs.simulator import ids
from jobs.simulator.offsets import instant, iso
from jobs.simulator.story_files import load


@dataclass(frozen=True, slots=True)
class Step:
    ref: str
    id: UUID
    name: str
    action: str
    summary: str = ""
    next: tuple[tuple[Mapping[str, Any], tuple["Step", ...]], ...] = ()  # conditions, each with its own steps


@dataclass(frozen=True, slots=True)
class Workflow:
    key: str
    id: UUID
    workspaces: tuple[str, ...]
    spec: Mapping[str, Any]
    created: datetime
    steps: tuple[Step, ...]
    rescue: tuple[Step, ...]

    def step(self, ref: str) -> Step:
        """The step of that name, in the main steps, a condition or the error branch. Raises KeyError."""
        for step in _all((*self.steps, *self.rescue)):
            if step.ref == ref:
                return step
        raise KeyError(f"{self.key} has no step {ref}")


@cache
def workflow(key: str) -> Workflow:
    spec = load("workflows")[key]
    created = instant(spec["created"])
    own = ids.v1(created, f"container:workflow:{key}")
    steps = tuple(_steps(spec["steps"], own))
    return Workflow(
        key, own, tuple(spec["workspaces"]), spec, created, steps, tuple(_steps(spec.get("rescue", ()), own))
    )


@cache
def workflows() -> tuple[Workflow, ...]:
    return tuple(map(workflow, load("workflows")))


def short_form(flow: Workflow) -> dict[str, Any]:
    """A workflow as in the list: without steps."""
    spec = flow.spec
    updated = flow.created + timedelta(days=30 * (int(spec["version"]) - 1))
    words = {name: spec[name] for name in ("name", "description", "schema", "country") if spec.get(name)}
    stamp = {"version": spec["version"], "hash": _hash(flow, spec["version"])}
    return {"id": str(flow.id), "created_at": iso(flow.created), "updated_at": iso(updated)} | words | stamp


def long_form(flow: Workflow) -> dict[str, Any]:
    """A workflow as requested by id: with steps, error branch and earlier versions."""
    rescue = [_wire(step) for step in flow.rescue] or None
    return short_form(flow) | {
        "steps": [_wire(step) for step in flow.steps],
        "rescue": rescue,
        "versions": [_version(flow, number) for number in range(int(flow.spec["version"]), 0, -1)],
    }


def _version(flow: Workflow, number: int) -> dict[str, Any]:
    at = flow.created + timedelta(days=30 * (number - 1))
    stamp = {"version": str(number), "hash": _hash(flow, str(number)), "name": flow.spec["name"]}
    return stamp | {"created_at": iso(at), "src": "user", "src_id": str(ids.v7(at, f"user:{flow.key}"))}


def _hash(flow: Workflow, version: str) -> str:
    return hashlib.sha256(json.dumps([flow.key, version]).encode()).hexdigest()[:16]


def _wire(step: Step) -> dict[str, Any]:
    words: dict[str, Any] = {"id": str(step.id), "name": step.name, "action": step.action}
    if step.summary:
        words["summary"] = step.summary
    if step.next:
        words["next"] = [dict(condition) | {"steps": list(map(_wire, steps))} for condition, steps in step.next]
    return words


def _steps(spec: Sequence[Sequence[Any]], namespace: UUID) -> Iterator[Step]:
    """Steps from [ref, name, action, summary?, next?]; "%02d" in the ref and a count as summary give that many."""
    for ref, name, action, *rest in spec:
        if "%02d" in ref:
            yield from (
                _step(ref.replace("%02d", f"{n:02d}"), name, action, [], namespace) for n in range(1, rest[0] + 1)
            )
        else:
            yield _step(ref, name, action, rest, namespace)


def _step(ref: str, name: str, action: str, rest: Sequence[Any], namespace: UUID) -> Step:
    conditions = tuple(_condition(spec, namespace) for spec in (rest[1] if len(rest) > 1 else ()))
    return Step(ref, ids.named(namespace, ref), name, action, rest[0] if rest else "", conditions)


def _condition(spec: Mapping[str, Any], namespace: UUID) -> tuple[Mapping[str, Any], tuple[Step, ...]]:
    words = {name: value for name, value in spec.items() if name != "steps"}
    return words, tuple(_steps(spec.get("steps", ()), namespace))


def _all(steps: Sequence[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        for _, inner in step.next:
            yield from _all(inner)
