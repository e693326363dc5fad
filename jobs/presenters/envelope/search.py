"""Search over names and values: what cannot hold the text is passed over without being cut.

Every step is linear in what it reads, and all of them together have a budget of processor time.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from json import JSONDecoder

from jobs import budget
from jobs.jsontext import pointers
from jobs.jsontext.records import as_text
from jobs.jsontext.scanner import NotJSON, elements, kind, members, trimmed
from jobs.presenters.envelope.folding import find, folded

HITS = 100
LONGEST = 200  # characters of what is searched for
AROUND = 40  # characters shown on either side of a hit
SECONDS = 0.7  # of the processor, for one search

_ascii_run = re.compile(r"[ !#-.0-\[\]-~]+")  # what JSON writes in one way: neither quote, slash nor backslash
# The characters outside ASCII whose folded form has ASCII in it (a test tries all of Unicode), and escapes of ASCII.
_LIKE_ASCII = "\u00df\u0130\u0149\u017f\u037e\u1e9a\u1e9e\u1fef\u212a\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06"
_ASCII = bytes(range(128))  # without it, a text is short, and no character begins or ends elsewhere
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
    is_complete: bool  # False: there may be more than these
    percent_read: int = 100  # how far the search came within its budget


Branch = Iterator[tuple[str, str, bytes]]


def search(body: bytes, text: str, limit: int = HITS) -> Hits:
    """Where a name or a scalar holds the text, capitals aside, in the order of the document.

    Numbers are searched by their digits, strings by what they mean, whatever way they are escaped and accented.
    """
    text = text.strip()[:LONGEST]
    if not text:
        return Hits((), True)
    raw = trimmed(body)
    search = _Search(text, limit, raw)
    with budget.limited(SECONDS):
        is_whole = search.through(raw)
    share = 100 if is_whole else min(99, 100 * search.read // max(1, len(raw)))
    return Hits(tuple(search.found[:limit]), is_whole and len(search.found) <= limit, share)


class _Search:
    """One search. The branches still to be looked at are a stack of our own: documents may be deeper than Python is."""

    def __init__(self, text: str, limit: int, raw: bytes) -> None:
        self.found: list[Hit] = []
        self.read = 0  # bytes of what has been dealt with
        self._limit = limit
        self._sought = folded(text)
        self._plain = _plain(self._sought, raw)

    def through(self, raw: bytes) -> bool:
        """Whether all of it was looked at, or as many hits were found as are wanted."""
        try:
            self._walk(raw)
        except budget.Exhausted:
            return False
        return True

    def _walk(self, raw: bytes) -> None:
        stack = [iter([("", "", raw)])]
        for _ in budget.checked(count(), 64):
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
        """What may hold the text; most of a long list certainly does not, and costs no more than a look."""
        part = self._plain[0] if self._plain else b""
        for at, element in enumerate(budget.checked(elements(raw))):
            if part in element.lower():
                yield f"{pointer}/{at}", "", element
            else:
                self.read += len(element)

    def _may_hold(self, raw: bytes) -> bool:
        """Whether the text may be somewhere in this value: False is certain."""
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
    """The parts of what is sought that this text can write in one way only, capitals aside."""
    runs: list[str] = _ascii_run.findall(sought)
    if not runs or any(map(raw.translate(None, _ASCII).__contains__, _in_bytes)):
        return []
    if b"\\" in raw and _escaped.search(raw):
        return []
    return sorted((run.encode() for run in runs), key=len, reverse=True)


def _unescaped(raw: bytes) -> str | None:
    """All of a JSON text with the escapes of its strings undone, to be searched and for nothing else; None where an
    escape is broken. Quotes are taken away first, and put back where they are part of a string."""
    if b"\\" not in raw:
        return raw.decode("utf-8", "replace")
    inner = raw.replace(b"\\\\", b"\1").replace(b'\\"', b"\2").replace(b'"', b"\3")
    try:
        text = str(_lenient.decode(f'"{inner.decode("utf-8", "replace")}"'))
    except ValueError:
        return None
    return text.replace("\1", "\\").replace("\2", '"').replace("\3", '"')
