"""A job from the Transform API, with its intents, events, faults and files, parsed into frozen objects.

Every field is optional and no content raises: unreadable values are kept in `unread`, unknown fields in `other`. Text
is unchanged, except that lone surrogates become U+FFFD and NUL becomes U+2400. Source of the fields: Invopop's
description of the Transform API, and its versions since 2021: intents had a `task_id`, then an `integration_id`, now a
`step_id`; faults were added in 2024, `args` in 2025 (as `meta` in spring 2025).
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from operator import lt

import msgspec

from jobs import cpu_budget
from jobs.invopop import plain_events
from jobs.invopop.plain_events import PlainEvent, PlainIntent
from jobs.jsontext.records import Moment, Pair, Reading, Record, Unread, instant

__all__ = [
    "Attachment",
    "Event",
    "Fault",
    "Intent",
    "Job",
    "Moment",
    "Pair",
    "Unread",
    "job_from",
    "parse",
]

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Event(msgspec.Struct, frozen=True, gc=False):
    """A msgspec structure, created ten times as fast as a dataclass: a job may have 100,000 events."""

    # Position in the order shown, from 0: by index, time, then arrival; part of the event's anchor.
    position: int
    index: int | None = None
    status: str = ""
    at: Moment | None = None
    code: str = ""
    message: str = ""
    args: tuple[Pair, ...] = ()
    silo_entry_id: str = ""
    other: tuple[Pair, ...] = ()

    @property
    def word(self) -> str:
        """The status for comparison: in capitals, without surrounding spaces."""
        return self.status.strip().upper()


@dataclass(frozen=True, slots=True)
class Intent:
    id: str = ""
    created_at: Moment | None = None
    updated_at: Moment | None = None
    step_id: str = ""  # step_id, integration_id or task_id, whichever is present
    step_field: str = ""  # the name of that field
    name: str = ""
    provider: str = ""
    events: tuple[Event, ...] = ()  # ordered
    completed: bool | None = None
    other: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    provider: str = ""
    code: str = ""
    message: str = ""
    paths: tuple[str, ...] = ()
    fields: str = ""  # deprecated: JSON text of nested validation errors
    other: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    id: str = ""
    name: str = ""
    desc: str = ""
    mime: str = ""
    size: int | None = None  # bytes
    hash: str = ""  # SHA-256, hexadecimal
    url: str = ""  # unchanged; file_links.py decides whether it may be a link
    meta: tuple[Pair, ...] = ()
    key: str = ""
    category: str = ""
    created_at: Moment | None = None
    private: bool | None = None
    stored: bool | None = None
    other: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    id: str = ""
    created_at: Moment | None = None
    updated_at: Moment | None = None
    completed_at: Moment | None = None  # only this ends a job; "" and null count as absent
    status: str = ""
    key: str = ""
    args: tuple[Pair, ...] = ()  # args, or meta in spring 2025
    tags: tuple[str, ...] = ()
    silo_entry_id: str = ""
    workflow_id: str = ""
    intents: tuple[Intent, ...] = ()
    faults: tuple[Fault, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    envelope: bytes | None = field(default=None, repr=False)  # the raw JSON of the envelope; None if absent or null
    other: tuple[Pair, ...] = ()
    unread: tuple[Unread, ...] = ()  # the first ones
    unread_count: int = 0  # of all

    @property
    def word(self) -> str:
        """The status for comparison, like an event's."""
        return self.status.strip().upper()


def parse(body: bytes) -> Job:
    """The job in the body. A body that is not a JSON object gives an empty job with one unread value."""
    reading = Reading()
    job = job_from(reading.document(body))
    return replace(job, unread=reading.unread, unread_count=reading.count)


def job_from(record: Record) -> Job:
    """The job of an already parsed record, such as a list entry; unread values stay with the list."""
    return Job(
        id=record.text("id"),
        created_at=record.moment("created_at"),
        updated_at=record.moment("updated_at"),
        completed_at=record.end("completed_at"),
        status=record.text("status"),
        key=record.text("key"),
        args=record.mapping(record.first("args", "meta")),
        tags=record.texts("tags"),
        silo_entry_id=record.text("silo_entry_id"),
        workflow_id=record.text("workflow_id"),
        intents=_intents(record),
        faults=tuple(map(_fault, record.records("faults"))),
        attachments=tuple(map(_attachment, record.records("attachments"))),
        envelope=record.raw("envelope"),
        other=record.other(),
    )


def _intents(record: Record) -> tuple[Intent, ...]:
    raw = record.raw("intents")
    plain = plain_events.decode_intents(raw) if raw else None
    if plain is not None:
        return tuple(map(_plain_intent, cpu_budget.checked(plain, 64)))
    return tuple(map(_intent, record.records("intents")))


def _plain_intent(intent: PlainIntent) -> Intent:
    fields = (("step_id", intent.step_id), ("integration_id", intent.integration_id), ("task_id", intent.task_id))
    step_field, step_id = next(((field, value) for field, value in fields if value), ("", ""))
    return Intent(
        intent.id or "",
        _moment(intent.created_at),
        _moment(intent.updated_at),
        step_id or "",
        step_field,
        intent.name or "",
        intent.provider or "",
        _ordered([_plain_event(event, at) for at, event in enumerate(cpu_budget.checked(intent.events or ()))]),
        intent.completed,
    )


def _moment(text: str | None) -> Moment | None:
    return Moment(text, instant(text)) if text else None


def _intent(record: Record) -> Intent:
    step_field = record.first("step_id", "integration_id", "task_id")
    step_id = record.text(step_field)
    return Intent(
        id=record.text("id"),
        created_at=record.moment("created_at"),
        updated_at=record.moment("updated_at"),
        step_id=step_id,
        step_field=step_field if step_id else "",
        name=record.text("name"),
        provider=record.text("provider"),
        events=_ordered(_events(record)),
        completed=record.yes("completed"),
        other=record.other(),
    )


def _events(record: Record) -> list[Event]:
    """In order of arrival."""
    raw = record.raw("events")
    plain = plain_events.decode(raw) if raw else None
    if plain is not None:
        return [_plain_event(event, at) for at, event in enumerate(cpu_budget.checked(plain))]
    return [_event(record.reading, *found, at) for at, found in enumerate(record.objects("events"))]


def _event(reading: Reading, place: str, raw: bytes, position: int) -> Event:
    plain = plain_events.decode(b"[" + raw + b"]")
    return _plain_event(plain[0], position) if plain else _odd_event(reading.record(raw, place), position)


def _plain_event(event: PlainEvent, position: int) -> Event:
    return Event(
        position,
        event.index,
        event.status or "",
        _moment(event.at),
        event.code or "",
        event.message or "",
        tuple(Pair(name, value) for name, value in event.args.items()) if event.args else (),
        event.silo_entry_id or "",
    )


def _odd_event(record: Record, position: int) -> Event:
    return Event(
        position=position,
        index=record.whole("index"),
        status=record.text("status"),
        at=record.moment("at"),
        code=record.text("code"),
        message=record.text("message"),
        args=record.mapping("args"),
        silo_entry_id=record.text("silo_entry_id"),
        other=record.other(),
    )


def _ordered(events: list[Event]) -> tuple[Event, ...]:
    if _is_ordered(events):
        return tuple(events)
    order = _by_time if any(event.index is None for event in events) and all(map(_instant, events)) else _by_index
    ordered = sorted(events, key=order)
    return tuple(
        event if event.position == at else msgspec.structs.replace(event, position=at)
        for at, event in enumerate(ordered)
    )


def _is_ordered(events: list[Event]) -> bool:
    """Whether the indexes alone give the order, as they usually do, so that times need not be parsed."""
    indexes = [event.index for event in events if event.index is not None]
    return len(indexes) == len(events) and all(map(lt, indexes, indexes[1:]))


def _by_index(event: Event) -> tuple[bool, int, bool, datetime, int]:
    """Events without an index come after those with one, and those without a time after those with one."""
    at = _instant(event)
    return event.index is None, event.index or 0, at is None, at or _LONG_AGO, event.position


def _by_time(event: Event) -> tuple[datetime, bool, int, int]:
    return _instant(event) or _LONG_AGO, event.index is None, event.index or 0, event.position


def _instant(event: Event) -> datetime | None:
    return event.at.at if event.at else None


def _fault(record: Record) -> Fault:
    return Fault(
        provider=record.text("provider"),
        code=record.text("code"),
        message=record.text("message"),
        paths=record.texts("paths"),
        fields=record.anything("fields"),
        other=record.other(),
    )


def _attachment(record: Record) -> Attachment:
    return Attachment(
        id=record.text("id"),
        name=record.text("name"),
        desc=record.text("desc"),
        mime=record.text("mime"),
        size=record.whole("size", least=0),
        hash=record.text("hash"),
        url=record.text("url"),
        meta=record.mapping("meta"),
        key=record.text("key"),
        category=record.text("category"),
        created_at=record.moment("created_at"),
        private=record.yes("private"),
        stored=record.yes("stored"),
        other=record.other(),
    )
