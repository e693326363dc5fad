"""Reads the fields of an upstream object as their expected type; other types are noted and never raise.

A `Record` is one JSON object split into its members. It tracks which names were read: `other` returns the rest.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

import msgspec

from jobs import cpu_budget
from jobs.jsontext.scanner import NotJSON, elements, members, string, trimmed

UNREAD = 1_000  # kept with their text; all are counted
TEXT = 200  # characters kept of an unreadable value

# A time outside these years is a mistake or placeholder: shown unchanged and not calculated with.
_YEARS = range(1900, 2200)
_ZERO_TIME = "0001-01-01T00:00:00"  # [I] Go's zero value, sent for an unset time that was not omitted

_iso = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)? ?"
    r"(?:[Zz]|UTC|([+-])([0-9]{2}):?([0-9]{2})?)"
)
_usual = re.compile(  # some versions of Python read 24:00 as the next day
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?!24)[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{3}|\.[0-9]{6})?Z"
)
_whole = re.compile(rb'"?(-?[0-9]{1,18})(?:\.0{1,9})?"?')
_YES = {b"true": True, b"false": False, b'"true"': True, b'"false"': False}


class Moment(msgspec.Struct, frozen=True, gc=False):
    """A time: the original text, and its instant in UTC (`at`) if it could be read."""

    text: str
    at: datetime | None = None


class Pair(msgspec.Struct, frozen=True, gc=False):
    """A name and a value as text; a value that is not a string is its JSON text."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Unread:
    """A value of an unexpected type: its JSON Pointer, and its text up to 200 characters.

    `why` is "kind", "duplicate" for a value replaced by a later one of the same name, or "not json".
    """

    pointer: str
    text: str
    why: str = "kind"


class Reading:
    """Unreadable values of one body: the first thousand with their text, and the total."""

    def __init__(self) -> None:
        self._unread: list[Unread] = []
        self.count = 0

    @property
    def unread(self) -> tuple[Unread, ...]:
        return tuple(self._unread)

    def note(self, pointer: str, raw: bytes, why: str = "kind") -> None:
        self.count += 1
        if len(self._unread) < UNREAD:
            text = raw[: TEXT * 4].decode("utf-8", "replace")[:TEXT].replace("\0", "\u2400")
            self._unread.append(Unread(pointer, text, why))

    def document(self, body: bytes) -> "Record":
        return self.record(trimmed(body), "")

    def record(self, raw: bytes, pointer: str) -> "Record":
        """The object in `raw`; anything else is noted and gives an empty one."""
        record = Record(self, pointer)
        if raw[:1] != b"{":
            self.note(pointer, raw)
            return record
        try:
            record.fill(members(raw))
        except NotJSON:
            self.note(pointer, raw, "not json")
        return record


class Record:
    """The members of one object. Every method takes a name and returns an empty value for null and unreadable ones."""

    __slots__ = ("_asked", "_values", "pointer", "reading")

    def __init__(self, reading: Reading, pointer: str) -> None:
        self.reading = reading
        self.pointer = pointer
        self._values: dict[str, bytes] = {}
        self._asked: set[str] = set()

    def fill(self, pairs: list[tuple[str, bytes]]) -> None:
        """Adds the members. The last value of a duplicate name counts, as in common parsers; earlier ones are noted."""
        self._values = values = dict(pairs)
        if len(values) == len(pairs):
            return
        last = {name: at for at, (name, _) in enumerate(pairs)}
        for at, (name, raw) in enumerate(cpu_budget.checked(pairs)):
            if last[name] != at:
                self._note(name, raw, "duplicate")

    def first(self, *names: str) -> str:
        """The first of these names that has a value, for a renamed field."""
        self._asked.update(names)
        return next((name for name in names if self._values.get(name, b"null") not in (b"null", b'""')), names[0])

    def text(self, name: str) -> str:
        raw = self._value(name)
        if raw is None:
            return ""
        if raw[:1] in (b"{", b"["):
            self._refuse(name, raw)
            return ""
        return as_text(raw)

    def anything(self, name: str) -> str:
        """A string's text, or the JSON text of anything else."""
        raw = self._value(name)
        return "" if raw is None else as_text(raw)

    def moment(self, name: str) -> Moment | None:
        raw = self._value(name)
        if raw is None or raw == b'""':
            return None
        if raw[:1] in b"{[tf":
            self._refuse(name, raw)
            return None
        text = as_text(raw)
        return Moment(text, instant(text))

    def end(self, name: str) -> Moment | None:
        """A time whose presence has a meaning: the zero time of an unset field is noted and ignored."""
        moment = self.moment(name)
        if moment is None or not moment.text.startswith(_ZERO_TIME):
            return moment
        self._refuse(name, self._values[name])
        return None

    def whole(self, name: str, least: int | None = None) -> int | None:
        raw = self._value(name)
        if raw is None:
            return None
        found = _whole.fullmatch(raw)
        number = int(found[1]) if found else None
        if number is None or (least is not None and number < least):
            self._refuse(name, raw)
            return None
        return number

    def yes(self, name: str) -> bool | None:
        raw = self._value(name)
        if raw is None or raw in _YES:
            return _YES.get(raw or b"")
        self._refuse(name, raw)
        return None

    def raw(self, name: str) -> bytes | None:
        return self._value(name)

    def record(self, name: str) -> "Record":
        """The object of that name; an empty one if missing."""
        return self.reading.record(self._value(name) or b"{}", self.place(name))

    def mapping(self, name: str) -> tuple[Pair, ...]:
        raw = self._value(name)
        if raw is None:
            return ()
        record = self.reading.record(raw, self.place(name))
        return record.other()

    def texts(self, name: str) -> tuple[str, ...]:
        """The strings of a list; one string stands for a list of one."""
        raw = self._value(name)
        if raw is not None and raw[:1] == b'"':
            return (string(raw),)
        return tuple(as_text(entry) for place, entry in self._entries(name) if self._fits(place, entry, b"{["))

    def records(self, name: str) -> Iterator["Record"]:
        """The objects of a list, one by one; other entries are noted."""
        return (self.reading.record(entry, place) for place, entry in self.objects(name))

    def objects(self, name: str) -> Iterator[tuple[str, bytes]]:
        """The same, uncut: (JSON Pointer, JSON text)."""
        for place, entry in self._entries(name):
            if entry[:1] == b"{":
                yield place, entry
            else:
                self.reading.note(place, entry)

    def other(self) -> tuple[Pair, ...]:
        """Members not read yet, in order."""
        if self._asked.issuperset(self._values):
            return ()
        values = cpu_budget.checked(self._values.items())
        return tuple(Pair(name, as_text(raw)) for name, raw in values if name not in self._asked)

    def scalars(self) -> Iterator[Pair]:
        """All members that are neither object nor array, whether read or not."""
        return (Pair(name, as_text(raw)) for name, raw in self._values.items() if raw[:1] not in (b"{", b"["))

    def _entries(self, name: str) -> Iterator[tuple[str, bytes]]:
        raw = self._value(name)
        if raw is None:
            return
        if raw[:1] != b"[":
            self._refuse(name, raw)
            return
        place = self.place(name)
        try:
            for at, entry in enumerate(cpu_budget.checked(elements(raw))):
                yield f"{place}/{at}", entry
        except NotJSON:
            self._note(name, raw, "not json")

    def _fits(self, place: str, entry: bytes, unfit: bytes) -> bool:
        if entry != b"null" and entry[:1] not in unfit:
            return True
        self.reading.note(place, entry)
        return False

    def _value(self, name: str) -> bytes | None:
        self._asked.add(name)
        raw = self._values.get(name)
        return None if raw == b"null" else raw

    def _refuse(self, name: str, raw: bytes) -> None:
        self._note(name, raw)

    def _note(self, name: str, raw: bytes, why: str = "kind") -> None:
        self.reading.note(self.place(name), raw, why)

    def place(self, name: str) -> str:
        """The JSON Pointer of a member."""
        return f"{self.pointer}/{name.replace('~', '~0').replace('/', '~1')}"


def as_text(raw: bytes) -> str:
    """A string's text, or the JSON text of another value: a number keeps its digits."""
    if raw[:1] == b'"':
        return string(raw)
    return raw.decode("utf-8", "replace").replace("\0", "\u2400")


def instant(text: str) -> datetime | None:
    """The instant in UTC of an ISO 8601 date and time with offset; None for anything ambiguous."""
    if _usual.fullmatch(text) and "1900" <= text[:4] < "2200":
        return _usual_instant(text)
    found = _iso.fullmatch(text) if len(text) <= 48 else None
    if found is None or int(found[1]) not in _YEARS:
        return None
    year, month, day, hour, minute = (int(part) for part in found.groups()[:5])
    fraction = (found[7] or "").ljust(6, "0")[:6]
    try:
        at = datetime(year, month, day, hour, minute, int(found[6] or 0), int(fraction), _zone(*found.groups()[7:]))
        return at.astimezone(UTC)
    except ValueError:
        return None


def _usual_instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _zone(sign: str | None, hours: str | None, minutes: str | None) -> timezone:
    """Raises ValueError for an impossible offset."""
    if not sign:
        return UTC
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    if offset > timedelta(hours=14) or int(minutes or 0) > 59:
        raise ValueError("no such offset")
    return timezone(-offset if sign == "-" else offset)
