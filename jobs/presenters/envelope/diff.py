"""The differences between two JSON texts, by pointer. The order of keys, whitespace and escapes do not matter.

Values are compared in place: memory beyond the two texts grows only with the children of the levels being compared.
Longer lists are kept as offsets, unless their elements are tiny. A comparison has a budget of processor time.
"""

from array import array
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest

from jobs import cpu_budget
from jobs.jsontext import pointers
from jobs.jsontext.records import as_text
from jobs.jsontext.scanner import (
    NotJSON,
    Piece,
    first,
    kind,
    quick_elements,
    scan_elements,
    scan_members,
    size,
    trimmed,
    uncopied_members,
)
from jobs.jsontext.scanner import Refused as NotCut

CHANGES = 100
PREVIEW = 200  # characters of a value
SECONDS = 0.8  # of processor time per comparison
MANY = 20_000  # at most: elements matched by key, and short members of one object kept in memory
A_MEMBER, AN_ELEMENT = 60, 64  # bytes of memory for each
A_PLACE, CROWD = 16, 100_000  # bytes of an element's offsets; longer lists may be compared without them
HELD = 4  # bytes of memory per byte of text, at worst: if every comma or colon belonged to this level
KEYS = ("id", "uuid", "i", "key", "code")  # members that identify an element, best first
KEY = 200  # bytes of such a member's value


@dataclass(frozen=True, slots=True)
class Change:
    """`pointer` is the place in the second text, or in the first for a removed value."""

    pointer: str
    kind: str  # "added", "removed", "changed", or "reordered" for a list
    before: str | None  # the start of the value's text
    after: str | None
    before_kind: str = ""  # string, number, object…; "" without a value
    after_kind: str = ""
    before_whole: int | None = None  # characters of the whole text if `before` is cut
    after_whole: int | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    found: tuple[Change, ...]
    count: int  # of all changes; a minimum if the comparison did not finish
    is_counted: bool

    @property
    def is_complete(self) -> bool:
        return self.is_counted and len(self.found) == self.count


Pair = tuple[str, Piece | None, Piece | None]
ORDER = b"order"  # both sides of a pair that stands for a reordered list


def compare(one: bytes, other: bytes, limit: int = CHANGES) -> Changes:
    """Members are compared by name. List elements are matched by a unique key such as `id` if all have one.

    Otherwise equal elements at both ends are matched, and the rest by position.
    """
    found: list[Change] = []
    count, is_counted = 0, True
    with cpu_budget.limited(SECONDS):
        try:
            for pair in _different(trimmed(one), trimmed(other)):
                count += 1
                if len(found) < limit:
                    found.append(_change(*pair))
        except cpu_budget.Exhausted:
            is_counted = False
    return Changes(tuple(found), count, is_counted)


def _different(one: bytes, other: bytes) -> Iterator[Pair]:
    """The smallest values that differ, in the order of the texts. Raises Exhausted."""
    stack: list[Iterator[Pair]] = [iter([("", one, other)])]
    while stack:
        cpu_budget.check()
        pair = next(stack[-1], None)
        if pair is None:
            stack.pop()
        elif pair[1] is ORDER:
            yield pair
        elif not _is_same(*pair[1:]):
            try:
                deeper = _children(*pair)
            except NotJSON:
                deeper = None
            if deeper is None:
                yield pair
            else:
                stack.append(deeper)


def _is_same(one: Piece | None, other: Piece | None) -> bool:
    """Whether two values are equal. Containers with different text count as different; their children are compared."""
    if one is None or other is None:
        return False
    if _is_equal(one, other):
        return True
    return first(one) == first(other) == b'"' and as_text(bytes(one)) == as_text(bytes(other))


def _is_equal(one: Piece, other: Piece) -> bool:
    if type(one) is type(other):
        return one == other
    return size(one) == size(other) and bytes(one) == bytes(other)


def _children(pointer: str, one: Piece | None, other: Piece | None) -> Iterator[Pair] | None:
    """The pairs of children of two objects or two lists; None if the values differ as a whole. Raises NotJSON."""
    if one is None or other is None:
        return None
    opening = first(one)
    if opening not in (b"{", b"[") or opening != first(other):
        return None
    if opening == b"[":
        if _are_offsets_too_large(one) or _are_offsets_too_large(other):
            return _in_order(pointer, bytes(one), bytes(other))
        return _of_lists(pointer, _elements(one), _elements(other))
    if not (_can_hold(one) and _can_hold(other)):
        return None
    return _by_name(pointer, dict(uncopied_members(one)), dict(uncopied_members(other)))


def _can_hold(raw: Piece) -> bool:
    """Whether an object has few enough members to keep in memory. Raises NotJSON."""
    text = bytes(raw)
    is_dense = text.count(b":") * A_MEMBER > HELD * len(text)
    return not is_dense or sum(1 for _ in islice(scan_members(text, ends=False), MANY + 1)) <= MANY


def _by_name(pointer: str, one: dict[str, Piece], other: dict[str, Piece]) -> Iterator[Pair]:
    for name, value in one.items():
        yield pointers.joined(pointer, name), value, other.get(name)
    for name, value in other.items():
        if name not in one:
            yield pointers.joined(pointer, name), None, value


class _Offsets(Sequence[bytes]):
    """The elements of a long list, kept as start and end: 16 bytes each."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._places = array("Q", (at for place in scan_elements(raw) for at in place))

    def __len__(self) -> int:
        return len(self._places) // 2

    def __getitem__(self, at):  # type: ignore[no-untyped-def]
        return self._raw[self._places[2 * at] : self._places[2 * at + 1]]


def _elements(raw: Piece) -> Sequence[Piece]:
    """Raises NotJSON."""
    if bytes(raw).count(b",") * AN_ELEMENT <= HELD * size(raw):
        try:
            return quick_elements(raw)
        except NotCut:
            pass
    return _Offsets(bytes(raw))


def _are_offsets_too_large(raw: Piece) -> bool:
    """Whether the offsets of the elements would take a lot of memory, and more than the list."""
    count = bytes(raw).count(b",")
    return count > CROWD and count * A_PLACE > size(raw)


def _in_order(pointer: str, one: bytes, other: bytes) -> Iterator[Pair]:
    """Elements paired by position, read one by one. Raises NotJSON before the first."""
    for raw in (one, other):
        deque(scan_elements(raw), maxlen=0)
    pairs = zip_longest(_cut(one), _cut(other))
    return ((f"{pointer}/{at}", before, after) for at, (before, after) in enumerate(pairs))


def _cut(raw: bytes) -> Iterator[bytes]:
    return (raw[start:end] for start, end in scan_elements(raw))


def _of_lists(pointer: str, one: Sequence[Piece], other: Sequence[Piece]) -> Iterator[Pair]:
    if max(len(one), len(other)) <= MANY:
        for name in KEYS:
            keys, others = _keys(one, name), _keys(other, name)
            if keys and others:
                return _by_key(pointer, one, other, keys, others)
    return _by_position(pointer, one, other)


def _keys(elements: Sequence[Piece], name: str) -> dict[bytes, int] | None:
    """The position of each element by its value of that name; None if one is missing or occurs twice."""
    places: dict[bytes, int] = {}
    for at, element in enumerate(cpu_budget.checked(elements)):
        value = _key(element, name)
        if value is None or value in places:
            return None
        places[value] = at
    return places


def _key(element: Piece, name: str) -> bytes | None:
    if first(element) != b"{":
        return None
    try:
        if not _can_hold(element):
            return None
        value = dict(uncopied_members(element)).get(name)
    except NotJSON:
        return None
    if value is None or size(value) > KEY or first(value) in b"{[tfn":
        return None
    return as_text(bytes(value)).encode()


def _by_key(
    pointer: str, one: Sequence[Piece], other: Sequence[Piece], keys: dict[bytes, int], others: dict[bytes, int]
) -> Iterator[Pair]:
    for key, at in keys.items():
        if key not in others:
            yield f"{pointer}/{at}", one[at], None
    if [key for key in keys if key in others] != [key for key in others if key in keys]:
        yield pointer, ORDER, ORDER
    for key, at in others.items():
        yield f"{pointer}/{at}", one[keys[key]] if key in keys else None, other[at]


def _by_position(pointer: str, one: Sequence[Piece], other: Sequence[Piece]) -> Iterator[Pair]:
    shorter = min(len(one), len(other))
    head = _count_equal(zip(one, other, strict=False), shorter)
    tail = _count_equal(zip(reversed(one), reversed(other), strict=False), shorter - head)
    middle = zip_longest(_part(one, head, tail), _part(other, head, tail))
    return ((f"{pointer}/{at}", before, after) for at, (before, after) in enumerate(middle, head))


def _count_equal(pairs: Iterable[tuple[Piece, Piece]], most: int) -> int:
    """How many pairs at the start are equal, at most `most`."""
    found = (at for at, (one, other) in enumerate(cpu_budget.checked(pairs)) if not _is_equal(one, other))
    return min(next(found, most), most)


def _part(elements: Sequence[Piece], head: int, tail: int) -> Iterator[Piece]:
    return (elements[at] for at in range(head, len(elements) - tail))


def _change(pointer: str, one: Piece | None, other: Piece | None) -> Change:
    if one is ORDER:
        return Change(pointer, "reordered", None, None)
    sort = "added" if one is None else "removed" if other is None else "changed"
    (before, before_whole), (after, after_whole) = _preview(one), _preview(other)
    return Change(pointer, sort, before, after, _kind(one), _kind(other), before_whole, after_whole)


def _kind(raw: Piece | None) -> str:
    return "" if raw is None else kind(bytes(raw))


def _preview(raw: Piece | None) -> tuple[str | None, int | None]:
    """The start of a text, and the length of the whole text if it is cut."""
    if raw is None:
        return None, None
    start = bytes(memoryview(raw)[: PREVIEW * 6])
    if start[:1] != b'"' and size(raw) > len(start):
        return as_text(start)[:PREVIEW], size(raw)
    text = as_text(bytes(raw))
    return text[:PREVIEW], len(text) if len(text) > PREVIEW else None
