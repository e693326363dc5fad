"""Decodes events and intents of the usual shape in bulk: a job may have 100,000 of them.

msgspec decodes them in C. It silently takes the last of duplicate names, so names are counted: if there are more colons
than members, or anything else is unusual, the caller reads field by field.
"""

from typing import Annotated

import msgspec

# An index of more than 18 digits is unreadable, which the caller notes.
_Index = Annotated[int, msgspec.Meta(gt=-(10**18), lt=10**18)]


class PlainEvent(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The raw fields of an event; None if absent."""

    index: _Index | None = None
    status: str | None = None
    at: str | None = None
    code: str | None = None
    message: str | None = None
    args: dict[str, str] | None = None
    silo_entry_id: str | None = None


class PlainIntent(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The raw fields of an intent, under all names they have had; None if absent."""

    id: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    step_id: str | None = None
    integration_id: str | None = None
    task_id: str | None = None
    name: str | None = None
    provider: str | None = None
    events: list[PlainEvent] | None = None
    completed: bool | None = None


class _WithEvents(msgspec.Struct, gc=False):
    events: list[dict[str, msgspec.Raw]] | None = None


_events = msgspec.json.Decoder(list[PlainEvent])
_intents = msgspec.json.Decoder(list[PlainIntent])
_members = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])
_members_of_events = msgspec.json.Decoder(list[_WithEvents])


def decode(raw: bytes) -> list[PlainEvent] | None:
    """The events of a JSON array; None if one is unusual."""
    if b"\\u0000" in raw:
        return None
    try:
        events = _events.decode(raw)
        count = sum(map(len, _members.decode(raw)))
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return events if raw.count(b'":') == count + _in_args(events) else None


def decode_intents(raw: bytes) -> list[PlainIntent] | None:
    """The intents of a JSON array with their events; None if one is unusual."""
    if b"\\u0000" in raw:
        return None
    try:
        intents = _intents.decode(raw)
        count = sum(map(len, _members.decode(raw)))
        count += sum(sum(map(len, each.events)) for each in _members_of_events.decode(raw) if each.events)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    count += sum(_in_args(intent.events) for intent in intents if intent.events)
    return intents if raw.count(b'":') == count else None


def _in_args(events: list[PlainEvent]) -> int:
    return sum(len(event.args) for event in events if event.args)
