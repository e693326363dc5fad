"""One value of the raw text with one level of children, as the viewer shows it."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import msgspec

from jobs import cpu_budget
from jobs.jsontext import pointers
from jobs.jsontext.records import as_text
from jobs.jsontext.scanner import (
    DEEP,
    MANY,
    NotJSON,
    Piece,
    Refused,
    elements,
    first,
    kind,
    quick_elements,
    size,
    trimmed,
    uncopied_members,
)

CHILDREN = 100  # children shown at once
PREVIEW = 120  # characters of a scalar beside its name
NAMES = 6  # names of members in an object's preview
PIECE = 4_000  # characters of a long string or number
LEVELS = 64  # levels that `path_nodes` opens
UNFOLDED = 24  # levels that a page unfolds; a deeper place is shown without its surroundings
ROWS = 100  # rows on a page for all levels above an unfolded place
FEWEST = 4  # rows for each of these levels, at least
NESTED = 32  # levels that unfold within a page; deeper ones link to a new page
ADDRESS = 2_500  # characters of a pointer in a URL

# Strings, and containers without containers inside: neither matters for counting elements.
_flat = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[{](?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+[\]}]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Node:
    """A value at a pointer.

    `count` is the number of children of a container, or of characters of another value; `children` or `text` holds some
    of them, from `start`.
    """

    pointer: str
    key: str  # the name or index; "" for the root
    kind: str  # object, array, string, number, boolean, null, unknown
    size: int  # bytes of its JSON text
    count: int
    preview: str = ""  # the start of the text, or the first names of an object
    is_cut: bool = False  # of the preview
    is_duplicate: bool = False  # the name occurs more than once in its object
    is_replaced: bool = False  # by a later value of the same name
    start: int = 0
    text: str = ""
    children: tuple["Node", ...] = ()

    @property
    def is_container(self) -> bool:
        return self.kind in ("object", "array")

    @property
    def folds(self) -> bool:
        """Whether the page can show the children in place."""
        return (
            self.has_address and self.is_container and self.count > 0 and self.pointer.count("/") % NESTED != NESTED - 1
        )

    @property
    def has_address(self) -> bool:
        """Whether the pointer fits into a URL; longer ones are found only in the plain view and the download."""
        return len(self.pointer) <= ADDRESS

    @property
    def shown(self) -> int:
        return len(self.children) if self.is_container else len(self.text)

    @property
    def next_start(self) -> int | None:
        """The start of the next piece; None after the last."""
        end = self.start + self.shown
        return end if self.shown and end < self.count else None

    @property
    def previous_start(self) -> int:
        """The start of the previous piece."""
        return max(0, self.start - (CHILDREN if self.is_container else PIECE))


@dataclass(frozen=True, slots=True)
class Crumb:
    name: str
    pointer: str


def node(body: bytes, pointer: str = "", *, start: int = 0, count: int = CHILDREN) -> Node | None:
    """The value at the pointer with its children, or a piece of its text, from `start`; None if there is no value."""
    raw = value_at(body, pointer)
    return None if raw is None else _opened(raw, pointer, max(start, 0), count)


def value_at(body: bytes, pointer: str) -> bytes | None:
    """The JSON text at the pointer, unchanged. A body that is not JSON is a single value."""
    return pointers.value(trimmed(body), pointer)


def crumbs(pointer: str) -> list[Crumb]:
    """The steps of a pointer, without the root; the text is not read."""
    found: list[Crumb] = []
    place = ""
    for name, occurrence in pointers.tokens(pointer) or []:
        place = pointers.joined(place, name, occurrence)
        found.append(Crumb(name, place))
    return found


def path_nodes(body: bytes, pointer: str, count: int = CHILDREN, *, start: int = 0) -> list[Node]:
    """All nodes from the root to the pointer: the last with its children from `start`, those above with `count` each.

    Above, the children shown are those around the next node, of which only the name is read. Empty if the place does
    not exist or is too deep, or the text around it is invalid; `node` and `crumbs` may still work.
    """
    raw, path = trimmed(body), crumbs(pointer)
    if bool(path) != bool(pointer) or len(path) > LEVELS or not _is_affordable(raw, len(path)):
        return []
    found, here = list[Node](), ""
    for crumb in path:
        try:
            children = _Children(raw, here)
            at, raw = children.find(crumb)
            found.append(children.opened(at // count * count, count, unread=at))
        except NotJSON:
            return []
        here = crumb.pointer
    return [*found, _opened(raw, here, start, CHILDREN)]


def _is_affordable(raw: bytes, levels: int) -> bool:
    """Whether opening that many levels is cheap enough. `pointers.work` reads the whole text, so it comes second."""
    return len(raw) * DEEP * levels <= pointers.WORK or pointers.work(raw) * levels <= pointers.WORK


def unfolded(body: bytes, pointer: str = "", *, start: int = 0) -> Node | None:
    """The root as nested nodes, opened only along the path to the pointer, whose children are shown from `start`.

    Only the place itself if it is too deep; None if it does not exist.
    """
    path = crumbs(pointer)
    rows = max(FEWEST, ROWS // len(path)) if path else 0
    levels = path_nodes(body, pointer, rows, start=max(start, 0)) if 0 < len(path) <= UNFOLDED else []
    if not levels:
        return node(body, path[-1].pointer if path else pointer, start=start)
    *above, made = levels
    for level in reversed(above):
        made = replace(level, children=tuple(_in_its_place(child, made) for child in level.children))
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
    """One container, split once without copying. Of a very long array only the requested elements are kept."""

    def __init__(self, raw: bytes, pointer: str) -> None:
        self._raw = raw
        self._pointer = pointer
        self._pairs = uncopied_members(raw) if raw[:1] == b"{" else None
        self._held = None if self._pairs is not None else _held(raw)

    def opened(self, start: int, count: int, unread: int = -1) -> Node:
        """The container's node with `count` children from `start`. `unread`: the position of a child not to parse."""
        name, raw = _name(self._pointer), self._raw
        if self._pairs is not None:
            closed = _object(raw, self._pointer, name, [key for key, _ in self._pairs])
            return replace(closed, start=start, children=tuple(self._members(self._pairs, start, count, unread)))
        closed = _array(raw, self._pointer, name, _count_elements(raw) if self._held is None else len(self._held))
        return replace(closed, start=start, children=tuple(self._elements(start, count, unread)))

    def find(self, crumb: Crumb) -> tuple[int, bytes]:
        """The position and text of a child. Raises NotJSON."""
        name, occurrence = (pointers.tokens(crumb.pointer) or [("", 0)])[-1]
        if self._pairs is not None:
            named = ((at, raw) for at, (key, raw) in enumerate(self._pairs) if key == name)
            child = next(islice(named, occurrence, None), None)
        else:
            index = pointers.index(name)
            child = None if index is None else next(enumerate(self._from(index), index), None)
        if child is None:
            raise NotJSON("no such child")
        return child[0], bytes(child[1])

    def _members(self, pairs: list[tuple[str, Piece]], start: int, count: int, unread: int) -> Iterator[Node]:
        cpu_budget.check()
        last = {name: at for at, (name, _) in enumerate(pairs)}
        seen: Counter[str] = Counter(name for name, _ in pairs[:start])
        total = Counter(name for name, _ in pairs) if len(last) < len(pairs) else seen
        for at, (name, raw) in enumerate(pairs[start : start + count], start):
            place = pointers.joined(self._pointer, name, seen[name])
            child = _unread(raw, place, name) if at == unread else _closed(raw, place, name)
            seen[name] += 1
            yield replace(child, is_duplicate=total[name] > 1, is_replaced=last[name] != at)

    def _elements(self, start: int, count: int, unread: int) -> Iterator[Node]:
        for at, raw in enumerate(islice(self._from(start), count), start):
            place = f"{self._pointer}/{at}"
            yield _unread(raw, place, str(at)) if at == unread else _closed(raw, place, str(at))

    def _from(self, start: int) -> Iterator[Piece]:
        """The elements of the array from `start` on. Raises NotJSON."""
        return islice(elements(self._raw) if self._held is None else self._held, start, None)


def _name(pointer: str) -> str:
    path = pointers.tokens(pointer)
    return path[-1][0] if path else ""


def _unread(raw: Piece, pointer: str, key: str) -> Node:
    return Node(pointer, key, "unknown", size(raw), 0)


def _closed(raw: Piece, pointer: str, key: str) -> Node:
    try:
        if first(raw) == b"{":
            return _object(raw, pointer, key, [name for name, _ in uncopied_members(raw)])
        if first(raw) == b"[":
            return _array(raw, pointer, key, _count_elements(raw))
    except NotJSON:
        pass
    return _scalar(bytes(raw), pointer, key)


def _object(raw: Piece, pointer: str, key: str, names: list[str]) -> Node:
    preview = ", ".join(names[:NAMES])
    is_cut = len(names) > NAMES or len(preview) > PREVIEW
    return Node(pointer, key, "object", size(raw), len(names), preview[:PREVIEW], is_cut)


def _array(raw: Piece, pointer: str, key: str, count: int) -> Node:
    preview = as_text(bytes(raw)) if size(raw) <= PREVIEW else ""
    return Node(pointer, key, "array", size(raw), count, preview)


def _scalar(raw: bytes, pointer: str, key: str) -> Node:
    """A scalar, or a container whose text is invalid: it is shown as text."""
    text = as_text(raw)
    sort = "unknown" if raw[:1] in (b"{", b"[") else kind(raw)
    return Node(pointer, key, sort, len(raw), len(text), text[:PREVIEW], len(text) > PREVIEW)


def _held(raw: Piece) -> list[msgspec.Raw] | None:
    """The elements of an array; None if they are too many or too complex to split quickly."""
    try:
        return quick_elements(raw)
    except Refused:
        return None


def _count_elements(raw: Piece) -> int:
    """The number of elements of an array; very many are not kept in memory. Raises NotJSON."""
    held = _held(raw)
    if held is not None:
        return len(held)
    text = bytes(raw)
    return _count_commas(text[1:-1]) if text.count(b",") >= MANY else sum(1 for _ in elements(text))


def _count_commas(inner: bytes) -> int:
    """The number of elements: removes the innermost containers until only the commas between elements are left."""
    while True:
        cpu_budget.check()
        inner, taken = _flat.subn(b"", inner)
        if not taken:
            return inner.count(b",") + 1
