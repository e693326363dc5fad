"""Search in names and values. Values that cannot contain the text are skipped without parsing.

Every step is linear in what it reads, and a search has a budget of processor time.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from json import JSONDecoder

from jobs import cpu_budget
from jobs.jsontext import pointers
from jobs.jsontext.records import as_text
from jobs.jsontext.scanner import NotJSON, elements, kind, members, trimmed
from jobs.presenters.envelope.folding import find, folded

HITS = 100
LONGEST = 200  # characters of the text to find
AROUND = 40  # characters shown on each side of a hit
SECONDS = 0.7  # of processor time per search

_ascii_run = re.compile(r"[ !#-.0-\[\]-~]+")  # characters JSON does not escape: no quote, slash or backslash
# Non-ASCII characters whose folded form contains ASCII (a test tries all of Unicode), and escapes of ASCII.
_LIKE_ASCII = "\u00df\u0130\u0149\u017f\u037e\u1e9a\u1e9e\u1fef\u212a\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06"
_ASCII = bytes(range(128))  # removing these makes a text short and leaves the other characters whole
_in_bytes = [each.encode() for each in _LIKE_ASCII]
_escaped = re.compile(rb"\\u(?:00[2-7]|(?i:%s))" % b"|".join(b"%04x" % ord(each) for each in _LIKE_ASCII))
_lenient = JSONDecoder(strict=False)


@dataclass(frozen=True, slots=True)
class Hit:
    pointer: str
    on: str  # "key" or "value"
    before: str
    match: str
    after: str


@dataclass(frozen=True, slots=True)
class Hits:
    found: tuple[Hit, ...]
    is_complete: bool  # False: there may be more hits
    percent_read: int = 100  # of the text, within the budget


Branch = Iterator[tuple[str, str, bytes]]


def search(body: bytes, text: str, limit: int = HITS) -> Hits:
    """Names and scalars that contain the text, ignoring case, in the order of the document.

    Numbers are searched by their digits, strings without regard to escapes and the encoding of accents.
    """
    text = text.strip()[:LONGEST]
    if not text:
        return Hits((), True)
    raw = trimmed(body)
    search = _Search(text, limit, raw)
    with cpu_budget.limited(SECONDS):
        is_whole = search.through(raw)
    share = 100 if is_whole else min(99, 100 * search.read // max(1, len(raw)))
    return Hits(tuple(search.found[:limit]), is_whole and len(search.found) <= limit, share)


class _Search:
    """One search. It keeps its own stack, because documents may be nested deeper than Python's recursion limit."""

    def __init__(self, text: str, limit: int, raw: bytes) -> None:
        self.found: list[Hit] = []
        self.read = 0  # bytes
        self._limit = limit
        self._sought = folded(text)
        self._plain = _plain(self._sought, raw)

    def through(self, raw: bytes) -> bool:
        """Whether the search ended within its budget: at the end of the text, or with enough hits."""
        try:
            self._walk(raw)
        except cpu_budget.Exhausted:
            return False
        return True

    def _walk(self, raw: bytes) -> None:
        stack = [iter([("", "", raw)])]
        for _ in cpu_budget.checked(count(), 64):
            if not stack or len(self.found) > self._limit:
                return
            step = next(stack[-1], None)
            if step is None:
                stack.pop()
            elif (branch := self._look(*step)) is not None:
                stack.append(branch)

    def _look(self, pointer: str, name: str, raw: bytes) -> Branch | None:
        if name:
            self._note(pointer, "key", name)
        if self._may_hold(raw):
            if kind(raw) in ("object", "array"):
                return self._branch(raw, pointer)
            self._note(pointer, "value", as_text(raw))
        self.read += len(raw)
        return None

    def _branch(self, raw: bytes, pointer: str) -> Branch:
        try:
            if kind(raw) == "array":
                yield from self._elements(raw, pointer)
            else:
                yield from ((pointers.joined(pointer, name), name, value) for name, value in members(raw))
        except NotJSON:
            return

    def _elements(self, raw: bytes, pointer: str) -> Branch:
        """The elements that may contain the text; a quick check skips most of a long list."""
        part = self._plain[0] if self._plain else b""
        for at, element in enumerate(cpu_budget.checked(elements(raw))):
            if part in element.lower():
                yield f"{pointer}/{at}", "", element
            else:
                self.read += len(element)

    def _may_hold(self, raw: bytes) -> bool:
        """Whether the value may contain the text; False is certain."""
        if self._plain:
            text = raw.lower()
            for part in self._plain:  # noqa: SIM110 (run for each of 100,000 lines, where all() costs twice)
                if part not in text:
                    return False
            return True
        if raw[:1] not in (b"{", b"["):
            return True
        inner = _unescaped(raw)
        return inner is None or self._sought in folded(inner)

    def _note(self, pointer: str, on: str, text: str) -> None:
        place = find(text, self._sought)
        if place is not None:
            before, after = text[max(0, place.start - AROUND) : place.start], text[place.end : place.end + AROUND]
            self.found.append(Hit(pointer, on, before, text[place.start : place.end], after))


def _plain(sought: str, raw: bytes) -> list[bytes]:
    """The parts of the folded `sought` that occur in `raw` literally except for case; none if that is uncertain."""
    runs: list[str] = _ascii_run.findall(sought)
    if not runs or any(map(raw.translate(None, _ASCII).__contains__, _in_bytes)):
        return []
    if b"\\" in raw and _escaped.search(raw):
        return []
    return sorted((run.encode() for run in runs), key=len, reverse=True)


def _unescaped(raw: bytes) -> str | None:
    """A JSON text with the escapes of its strings resolved, for searching only; None if an escape is invalid."""
    if b"\\" not in raw:
        return raw.decode("utf-8", "replace")
    inner = raw.replace(b"\\\\", b"\1").replace(b'\\"', b"\2").replace(b'"', b"\3")
    try:
        text = str(_lenient.decode(f'"{inner.decode("utf-8", "replace")}"'))
    except ValueError:
        return None
    return text.replace("\1", "\\").replace("\2", '"').replace("\3", '"')
