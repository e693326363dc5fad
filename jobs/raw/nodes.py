"""One value of the raw text with one level of children: what the viewer shows when a fold is opened."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from jobs.invopop import pointers
from jobs.invopop.coercers import as_text
from jobs.invopop.scanner import MANY, NotJSON, Pairs, elements, kind, members, trimmed

CHILDREN = 200  # shown at once
PREVIEW = 120  # characters of a scalar beside its name
NAMES = 6  # of an object, beside its own
PIECE = 4_000  # characters of a long string or number
LEVELS = 64  # of a way that is shown opened from the root
UNFOLDED = 24  # levels of a way that a page unfolds; a deeper place stands alone
ROWS = 100  # of a page that unfolds a way: as many for all the levels above the place together
FEWEST = 4  # of one of them
NESTED = 32  # levels that fold out in one another; then a page of its own begins
ADDRESS = 2_500  # characters of a pointer that still fit into an address

# What does not matter for the number of elements: strings, and containers with no container inside them.
_flat = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[{](?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+[\]}]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Node:
    """A value at a pointer. For containers `count` is the true number of children and `children` some of them, from
    `start`; for others `count` is the number of characters and `text` some of them, from `start`."""

    pointer: str
    key: str  # the name or index; "" for the root
    kind: str  # object, array, string, number, boolean, null, unknown
    size: int  # bytes of its JSON text
    count: int
    preview: str = ""  # the beginning of the text, or the first names of an object
    is_cut: bool = False  # the preview is not all
    is_duplicate: bool = False  # the name comes more than once in its object
    is_replaced: bool = False  # a later value of the same name counts instead
    start: int = 0
    text: str = ""
    children: tuple["Node", ...] = ()

    @property
    def is_container(self) -> bool:
        return self.kind in ("object", "array")

    @property
    def folds(self) -> bool:
        """Has something inside that can be shown in its place."""
        return (
            self.has_address and self.is_container and self.count > 0 and self.pointer.count("/") % NESTED != NESTED - 1
        )

    @property
    def has_address(self) -> bool:
        """What stands deeper, or under longer names, is in the text and in the download."""
        return len(self.pointer) <= ADDRESS

    @property
    def shown(self) -> int:
        return len(self.children) if self.is_container else len(self.text)

    @property
    def next_start(self) -> int | None:
        """Where the next piece begins; None after the last."""
        end = self.start + self.shown
        return end if self.shown and end < self.count else None

    @property
    def previous_start(self) -> int:
        """Where the piece before this one begins."""
        return max(0, self.start - (CHILDREN if self.is_container else PIECE))


@dataclass(frozen=True, slots=True)
class Crumb:
    name: str
    pointer: str


def node(body: bytes, pointer: str = "", *, start: int = 0, count: int = CHILDREN) -> Node | None:
    """The value at the pointer with its children, or a piece of its text, from `start`; None where there is nothing."""
    raw = value_at(body, pointer)
    return None if raw is None else _opened(raw, pointer, max(start, 0), count)


def value_at(body: bytes, pointer: str) -> bytes | None:
    """The JSON text at the pointer, exactly as it came. The whole of a body that is no JSON is its only value."""
    return pointers.value(trimmed(body), pointer)


def crumbs(pointer: str) -> list[Crumb]:
    """The way to a pointer by name, without looking at the text; the root is not among them."""
    found: list[Crumb] = []
    place = ""
    for name, occurrence in pointers.tokens(pointer) or []:
        place = pointers.joined(place, name, occurrence)
        found.append(Crumb(name, place))
    return found


def way(body: bytes, pointer: str, count: int = CHILDREN) -> list[Node]:
    """Every node from the root to the pointer, opened where the next one stands, for a page that shows a deep place.

    Empty where there is no such place, where it is too deep to be shown opened, or where the text around it is broken:
    then `node` and `crumbs` will do.
    """
    raw, path = trimmed(body), crumbs(pointer)
    if len(path) > LEVELS or pointers.work(raw) * len(path) > pointers.WORK or value_at(body, pointer) is None:
        return []
    found = []
    for place, crumb in zip(["", *(crumb.pointer for crumb in path)], path, strict=False):
        try:
            children = _Children(raw, place)
            at, raw = children.find(crumb)
            found.append(children.opened(at // count * count, count))
        except NotJSON:
            return []
    return [*found, _opened(raw, pointer, 0, count)]


def unfolded(body: bytes, pointer: str = "", *, start: int = 0, count: int = CHILDREN) -> Node | None:
    """The root with nothing open but the way to the place, which shows its own children from `start`: nested nodes.

    The place alone where it stands too deep to be shown so; None where there is no such place.
    """
    path = crumbs(pointer)
    place = path[-1].pointer if path else ""
    made = node(body, place, start=start, count=min(count, ROWS) if path else count) if path or not pointer else None
    if made is None or len(path) > UNFOLDED:
        return made
    for above in reversed(way(body, place, max(FEWEST, ROWS // len(path)))[:-1] if path else []):
        made = replace(above, children=tuple(_in_its_place(child, made) for child in above.children))
    return made


def _in_its_place(child: Node, made: Node) -> Node:
    if child.pointer != made.pointer:
        return child
    return replace(made, is_duplicate=child.is_duplicate, is_replaced=child.is_replaced)


def _opened(raw: bytes, pointer: str, start: int, count: int) -> Node:
    if raw[:1] in (b"{", b"["):
        try:
            return _Children(raw, pointer).opened(start, count)
        except NotJSON:
            pass
    return replace(_scalar(raw, pointer, _name(pointer)), start=start, text=as_text(raw)[start : start + PIECE])


class _Children:
    """One container, cut once. Of an array with very many elements only those asked for are held."""

    def __init__(self, raw: bytes, pointer: str) -> None:
        self._raw = raw
        self._pointer = pointer
        self._pairs = members(raw) if raw[:1] == b"{" else None

    def opened(self, start: int, count: int) -> Node:
        shown = tuple(self._members(start, count) if self._pairs is not None else self._elements(start, count))
        closed = (
            _object(self._raw, self._pointer, _name(self._pointer), self._pairs) if self._pairs is not None else None
        )
        return replace(closed or _array(self._raw, self._pointer, _name(self._pointer)), start=start, children=shown)

    def find(self, crumb: Crumb) -> tuple[int, bytes]:
        """The position and the text of a child. Raises NotJSON."""
        name, occurrence = (pointers.tokens(crumb.pointer) or [("", 0)])[-1]
        if self._pairs is None:
            child = next(islice(enumerate(elements(self._raw)), int(name), None), None)
        else:
            named = ((at, raw) for at, (key, raw) in enumerate(self._pairs) if key == name)
            child = next(islice(named, occurrence, None), None)
        if child is None:
            raise NotJSON("no such child")
        return child

    def _members(self, start: int, count: int) -> Iterator[Node]:
        pairs = self._pairs or []
        last = {name: at for at, (name, _) in enumerate(pairs)}
        seen: Counter[str] = Counter(name for name, _ in pairs[:start])
        total = Counter(name for name, _ in pairs) if len(last) < len(pairs) else seen
        for at, (name, raw) in enumerate(pairs[start : start + count], start):
            child = _closed(raw, pointers.joined(self._pointer, name, seen[name]), name)
            seen[name] += 1
            yield replace(child, is_duplicate=total[name] > 1, is_replaced=last[name] != at)

    def _elements(self, start: int, count: int) -> Iterator[Node]:
        for at, raw in enumerate(islice(elements(self._raw), start, start + count), start):
            yield _closed(raw, f"{self._pointer}/{at}", str(at))


def _name(pointer: str) -> str:
    path = pointers.tokens(pointer)
    return path[-1][0] if path else ""


def _closed(raw: bytes, pointer: str, key: str) -> Node:
    try:
        if raw[:1] == b"{":
            return _object(raw, pointer, key, members(raw))
        if raw[:1] == b"[":
            return _array(raw, pointer, key)
    except NotJSON:
        pass
    return _scalar(raw, pointer, key)


def _object(raw: bytes, pointer: str, key: str, pairs: Pairs) -> Node:
    preview = ", ".join(name for name, _ in pairs[:NAMES])
    is_cut = len(pairs) > NAMES or len(preview) > PREVIEW
    return Node(pointer, key, "object", len(raw), len(pairs), preview[:PREVIEW], is_cut)


def _array(raw: bytes, pointer: str, key: str) -> Node:
    preview = as_text(raw) if len(raw) <= PREVIEW else ""
    return Node(pointer, key, "array", len(raw), _count_elements(raw), preview)


def _scalar(raw: bytes, pointer: str, key: str) -> Node:
    """Also a container whose text is broken inside: it is shown as text."""
    text = as_text(raw)
    sort = "unknown" if raw[:1] in (b"{", b"[") else kind(raw)
    return Node(pointer, key, sort, len(raw), len(text), text[:PREVIEW], len(text) > PREVIEW)


def _count_elements(raw: bytes) -> int:
    """How many elements an array has; without holding them where they are many. Raises NotJSON."""
    if raw.count(b",") >= MANY:
        return _count_commas(raw[1:-1])
    return sum(1 for _ in elements(raw))


def _count_commas(inner: bytes) -> int:
    """Takes the innermost containers away, level by level, until only the commas between the elements are left."""
    while True:
        inner, taken = _flat.subn(b"", inner)
        if not taken:
            return inner.count(b",") + 1
