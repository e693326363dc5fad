"""Events of the usual shape, decoded all at once: a job may have 100,000 of them.

msgspec reads them into structures in C. It takes the last of several values of one name without a word, so the names
are counted: where there are more colons than members, or anything else is odd, the caller reads field by field.
"""

from typing import Annotated

import msgspec

# An index beyond 18 digits is noted as unreadable, and so is left to the caller.
_Index = Annotated[int, msgspec.Meta(gt=-(10**18), lt=10**18)]


class PlainEvent(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The fields of an event as they came; null for absence."""

    index: _Index | None = None
    status: str | None = None
    at: str | None = None
    code: str | None = None
    message: str | None = None
    args: dict[str, str] | None = None
    silo_entry_id: str | None = None


_events = msgspec.json.Decoder(list[PlainEvent])
_members = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])


def decode(raw: bytes) -> list[PlainEvent] | None:
    """The events of a JSON array; None where one of them is not of the usual shape."""
    if b"\\u0000" in raw:
        return None
    try:
        events = _events.decode(raw)
        count = sum(map(len, _members.decode(raw)))
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    count += sum(len(event.args) for event in events if event.args)
    return events if raw.count(b'":') == count else None
