"""A job as the Transform API sends it, read into frozen objects. Pure Python, no Django.

Every field is optional and nothing raises for content: what could not be read is kept in `unread`, what we have no
field for in `other`. Text is what came, apart from lone surrogates, which become U+FFFD.
Source of the fields: Invopop's description of the Transform API, and the shapes it had since 2021 (domain.md 1.1).
"""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as it came (`text`) and, where it can be read, the instant in UTC (`at`)."""

    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """A name with a value, both as text; a value that is not a string is its JSON text."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Unread:
    """A value that is not of the kind its place asks for: where it was (JSON Pointer) and its JSON text, cut to 200 characters."""

    pointer: str
    text: str


@dataclass(frozen=True, slots=True)
class Event:
    position: int  # place in the order shown, from 0: by index, then time, then as it came; part of the event's address in the page
    index: int | None = None
    status: str = ""
    at: Moment | None = None
    code: str = ""
    message: str = ""
    args: tuple[Pair, ...] = ()
    silo_entry_id: str = ""
    other: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class Intent:
    id: str = ""
    created_at: Moment | None = None
    updated_at: Moment | None = None
    step_id: str = ""  # step_id, or integration_id, or task_id, whichever the shape has
    step_field: str = ""  # the name it came under
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
    url: str = ""  # as it came; whether it may be a link is decided in files.py
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
    completed_at: Moment | None = None  # the only mark of the end; "" and null are absence
    status: str = ""
    key: str = ""
    args: tuple[Pair, ...] = ()  # args, or meta in the spring of 2025
    tags: tuple[str, ...] = ()
    silo_entry_id: str = ""
    workflow_id: str = ""
    intents: tuple[Intent, ...] = ()
    faults: tuple[Fault, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    envelope: bytes | None = field(default=None, repr=False)  # the raw JSON of the envelope; None where absent or null
    other: tuple[Pair, ...] = ()
    unread: tuple[Unread, ...] = ()
