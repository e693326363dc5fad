"""Jobs for tests of their outcome."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from jobs.invopop.job_payload import Event, Fault, Intent, Job, Moment

START = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def moment(seconds: float) -> Moment:
    return Moment(at(seconds).isoformat(), at(seconds))


def intent(provider: str, *words: str | tuple[Any, ...], start: float = 0, **fields: Any) -> Intent:
    """A word, or (word, seconds after the start, code, message), for each event; words are a second apart."""
    events = []
    for number, word in enumerate(words):
        status, after, code, message = (
            (*word, *(None, number, "", "")[len(word) :]) if isinstance(word, tuple) else (word, number, "", "")
        )
        events.append(Event(number, number, status, moment(start + after), code, message))
    return Intent(step_id=fields.pop("step_id", provider), provider=provider, events=tuple(events), **fields)


def job(*intents: Intent, done: bool = False, faults: tuple[Fault, ...] = (), **fields: Any) -> Job:
    given = {"id": "01a10b57-bee2-7cd4-9c8f-c9b91500a93e", "created_at": moment(0), "silo_entry_id": "entry"} | fields
    return Job(intents=intents, faults=faults, completed_at=moment(99) if done else None, **given)


def fault(provider: str, message: str = "no", code: str = "") -> Fault:
    return Fault(provider=provider, code=code, message=message)


def envelope(schema: str = "bill/invoice", *stamps: str) -> bytes:
    head = {"stamps": [{"prv": stamp, "val": "x"} for stamp in stamps]}
    return json.dumps({"head": head, "doc": {"$schema": f"https://gobl.org/draft-0/{schema}"}}).encode()
