"""What is different between two JSON texts, by pointer. The order of keys, spaces and escapes make no difference."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from jobs.invopop import pointers
from jobs.invopop.coercers import as_text
from jobs.invopop.scanner import NotJSON, elements, kind, members, slowness, trimmed

CHANGES = 200
PREVIEW = 200  # characters of a value


@dataclass(frozen=True, slots=True)
class Change:
    """`pointer` is the place in the second text, or, for what was removed, in the first."""

    pointer: str
    kind: str  # "added", "removed" or "changed"
    before: str | None  # the beginning of the value's text
    after: str | None


@dataclass(frozen=True, slots=True)
class Changes:
    found: tuple[Change, ...]
    is_complete: bool  # False: there may be more than these


Pair = tuple[str, bytes | None, bytes | None]


def compare(one: bytes, other: bytes, limit: int = CHANGES) -> Changes:
    """Members are compared by name; of lists, what is the same at either end is matched, the rest by position."""
    found: list[Change] = []
    stack: list[Iterator[Pair]] = [iter([("", trimmed(one), trimmed(other))])]
    weight = max(slowness(raw) for raw in (trimmed(one), trimmed(other)))
    work = 0
    while stack and len(found) <= limit and work <= pointers.WORK:
        pair = next(stack[-1], None)
        if pair is None:
            stack.pop()
            continue
        deeper = _inside(*pair)
        if deeper is None:
            found.extend(_change(*pair))
        else:
            work += len(pair[1] or b"") * weight
            stack.append(iter(deeper))
    return Changes(tuple(found[:limit]), not stack and len(found) <= limit)


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


def _change(pointer: str, one: bytes | None, other: bytes | None) -> Iterator[Change]:
    if one is not None and other is not None and kind(one) == kind(other) and as_text(one) == as_text(other):
        return
    sort = "added" if one is None else "removed" if other is None else "changed"
    yield Change(pointer, sort, _preview(one), _preview(other))


def _preview(raw: bytes | None) -> str | None:
    return None if raw is None else as_text(raw[: PREVIEW * 6] if raw[:1] != b'"' else raw)[:PREVIEW]
