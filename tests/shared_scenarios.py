"""Job bodies from an optional collection of scenarios beside the project."""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).resolve().parent.parent.parent / "shared" / "scenarios.yaml"
BACK_OFF = (5, 10, 20, 40, 80, 160, 320, 640, 1280, 1800)
UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1, "": 1}


def scenarios() -> list[dict[str, Any]]:
    return yaml.safe_load(FILE.read_text())["scenarios"] if FILE.exists() else []


def looks(scenario: dict[str, Any]) -> Iterator[tuple[float, dict[str, Any]]]:
    """(seconds after the job's creation, what is to be concluded then)."""
    if scenario["expect"].get("outcome") != "any":
        yield seconds(scenario["now"]), scenario["expect"]
    for expectation in scenario.get("expect_at", []):
        yield seconds(expectation["now"]), expectation


def seconds(text: object) -> float:
    parts = re.findall(r"([\d.]+)([dhms]?)", str(text))
    return sum(float(number) * UNITS[unit] for number, unit in parts)


def created(scenario: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(scenario["job"]["created"])


def body(scenario: dict[str, Any], at: float) -> bytes:
    start = created(scenario)
    steps = {step["ref"]: step for step in _steps(_workflow(scenario))}
    intents, last = [], 0.0
    for place, intent in enumerate(_intents(scenario)):
        begins = seconds(intent["t"]) if "t" in intent else last + intent["after_previous"]
        events, last = _events(intent, begins)
        seen = [event for event in events if event["t"] <= at]
        if begins > at:
            break
        step = steps.get(re.sub(r"\d\d$", "", str(intent.get("step"))), {}) | steps.get(str(intent.get("step")), {})
        intents.append(_intent(place, intent, step, seen, events, start))
    ends = (
        last + float(str(scenario["completed"]).split()[-1])
        if "after" in str(scenario["completed"])
        else seconds(scenario["completed"])
    )
    done = ends <= at
    job = {
        "id": scenario["job"]["id"], "created_at": _iso(start, 0), "intents": intents,
        "faults": [
            {key: value for key, value in fault.items() if key != "from_t"}
            for fault in (scenario["faults"] if scenario["faults"] != "absent" else [])
            if seconds(fault.get("from_t", ends)) <= at
        ],
        "envelope": _envelope(scenario),
    } | ({"completed_at": _iso(start, ends)} if done else {})  # fmt: skip
    status = scenario["status"]
    job["status"] = status if isinstance(status, str) else status["final" if done else "at_now"]
    return json.dumps(job).encode()


def _workflow(scenario: dict[str, Any]) -> dict[str, Any]:
    return yaml.safe_load(FILE.read_text())["workflows"].get(scenario["workflow"] or "", {"steps": [], "rescue": []})


def _steps(workflow: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for step in [*(workflow.get("steps") or []), *(workflow.get("rescue") or [])]:
        yield step
        for following in step.get("next", []):
            yield from _steps(following)


def _intents(scenario: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for intent in scenario["intents"]:
        if "generate" in intent:
            for number in range(intent["generate"]):
                yield intent | {"step": intent["step"] % (number + 1), "t": intent["t0"] + number * intent["each"]}
        else:
            yield intent


def _events(intent: dict[str, Any], begins: float) -> tuple[list[dict[str, Any]], float]:
    found: list[dict[str, Any]] = []
    last, errors = begins, 0
    for event in intent["events"]:
        repeat = event.get("repeat")
        if repeat:
            for _ in range(repeat["count"]):
                last += BACK_OFF[min(max(errors, 1), 10) - 1] if "backoff" in repeat else seconds(repeat["every"])
                found.append({"t": last, "status": "RUN"})
                last += repeat["run_for"]
                found.append(
                    {"t": last, **{key: repeat[key] for key in ("status", "code", "message") if key in repeat}}
                )
                errors += repeat["status"] == "ERR"
            continue
        if "after_backoff" in event:
            last += BACK_OFF[min(max(errors, 1), 10) - 1]
        else:
            last = last + event["after"] if "after" in event else seconds(event["t"])
        errors += event["status"] == "ERR"
        found.append(
            {"t": last, **{key: event[key] for key in ("status", "code", "message", "silo_entry_id") if key in event}}
        )
    return found, last


def _intent(
    place: int, intent: dict[str, Any], step: dict[str, Any], seen: list[Any], events: list[Any], start: datetime
) -> dict[str, Any]:
    return {
        "id": f"intent-{place}",
        "step_id": str(intent.get("step", "")),
        "name": step.get("name", ""),
        "provider": step.get("action", ""),
        "completed": len(seen) == len(events),
        "events": [
            {
                "index": index,
                "at": _iso(start, event["t"]),
                **{key: value for key, value in event.items() if key != "t"},
            }
            for index, event in enumerate(seen)
        ],
    }


def _envelope(scenario: dict[str, Any]) -> dict[str, Any] | None:
    envelope = scenario.get("envelope")
    if not envelope:
        return None
    source = envelope.get("source", "")
    schema = "org/party" if "party" in source else "note/message" if "message" in source else "bill/invoice"
    stamps = {"stamps": envelope["stamps"]} if "stamps" in envelope else {}
    return {"head": stamps, "doc": {"$schema": f"https://gobl.org/draft-0/{schema}"}}


def _iso(start: datetime, offset: float) -> str:
    return (start + timedelta(seconds=offset)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
