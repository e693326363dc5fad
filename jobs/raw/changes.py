"""What is different between two JSON texts, by pointer. The order of keys, spaces and escapes make no difference."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from jobs.invopop import pointers
from jobs.invopop.coercers import as_text
from jobs.invopop.scanner import NotJSON, elements, kind, members, slowness, trimmed

CHANGES = 100
PREVIEW = 200  # characters of a value


@dataclass(frozen=True, slots=True)
class Change:
    """`pointer` is the place in the second text, or, for what was removed, in the first."""

    pointer: str
    kind: str  # "added", "removed" or "changed"
    before: str | None  # the beginning of the value's text
    after: str | None
    before_kind: str = ""  # string, number, object…; "" where there is no value
    after_kind: str = ""
    before_whole: int | None = None  # characters of the whole text, where `before` is not all of it
    after_whole: int | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    found: tuple[Change, ...]
    count: int  # of all changes; at least so many where not everything was looked at
    is_counted: bool

    @property
    def is_complete(self) -> bool:
        return self.is_counted and len(self.found) == self.count


Pair = tuple[str, bytes | None, bytes | None]


def compare(one: bytes, other: bytes, limit: int = CHANGES) -> Changes:
    """Members are compared by name; of lists, what is the same at either end is matched, the rest by position."""
    found: list[Change] = []
    stack: list[Iterator[Pair]] = [iter([("", trimmed(one), trimmed(other))])]
    weight = max(slowness(raw) for raw in (trimmed(one), trimmed(other)))
    work = count = 0
    while stack and work <= pointers.WORK:
        pair = next(stack[-1], None)
        if pair is None:
            stack.pop()
            continue
        deeper = _inside(*pair)
        if deeper is None:
            work += PREVIEW
            if not _is_same(*pair):
                count += 1
                if len(found) < limit:
                    found.append(_change(*pair))
        else:
            work += len(pair[1] or b"") * weight
            stack.append(iter(deeper))
    return Changes(tuple(found), count, not stack)


def _inside(pointer: str, one: bytes | None, other: bytes | None) -> list[Pair] | None:
    """The pairs of children, where both are containers of a kind; None where the values are to be compared."""
    if one is None or other is None:
        return None
    if one == other:
        return []
    try:
        if kind(one) == kind(other) == "object":
            return _by_name(pointer, dict(members(one)), dict(members(other)))
        if kind(one) == kind(other) == "array":
            return _by_position(pointer, list(elements(one)), list(elements(other)))
    except NotJSON:
        pass
    return None


def _by_name(pointer: str, one: dict[str, bytes], other: dict[str, bytes]) -> list[Pair]:
    names = [*one, *(name for name in other if name not in one)]
    return [(pointers.joined(pointer, name), one.get(name), other.get(name)) for name in names]


def _by_position(pointer: str, one: list[bytes], other: list[bytes]) -> list[Pair]:
    head = next(
        (at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other))
    )
    rest = min(len(one), len(other)) - head
    backwards = zip(reversed(one), reversed(other), strict=False)
    tail = min(rest, next((at for at, pair in enumerate(backwards) if pair[0] != pair[1]), rest))
    middle = zip_longest(one[head : len(one) - tail], other[head : len(other) - tail])
    return [(f"{pointer}/{at}", before, after) for at, (before, after) in enumerate(middle, head)]


def _is_same(_pointer: str, one: bytes | None, other: bytes | None) -> bool:
    return one is not None and other is not None and kind(one) == kind(other) and as_text(one) == as_text(other)


def _change(pointer: str, one: bytes | None, other: bytes | None) -> Change:
    sort = "added" if one is None else "removed" if other is None else "changed"
    (before, before_whole), (after, after_whole) = _preview(one), _preview(other)
    return Change(pointer, sort, before, after, _kind(one), _kind(other), before_whole, after_whole)


def _kind(raw: bytes | None) -> str:
    return "" if raw is None else kind(raw)


def _preview(raw: bytes | None) -> tuple[str | None, int | None]:
    """The beginning of a text, and how long it is where that is not all."""
    if raw is None:
        return None, None
    if raw[:1] != b'"' and len(raw) > PREVIEW * 6:
        return as_text(raw[: PREVIEW * 6])[:PREVIEW], len(raw)
    text = as_text(raw)
    return text[:PREVIEW], len(text) if len(text) > PREVIEW else None
