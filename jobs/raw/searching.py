"""Search over names and values, on the raw text: branches without a hit are passed over without being cut."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from jobs.invopop import pointers
from jobs.invopop.coercers import as_text
from jobs.invopop.scanner import NotJSON, elements, kind, members, slowness, trimmed

HITS = 100
LONGEST = 200  # characters of what is searched for
AROUND = 40  # characters shown on either side of a hit

_escaped_ascii = re.compile(rb"\\u00[2-7]")
_SHORT = {'"': '\\"', "\\": "\\\\", "/": "\\/", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f"}


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


Branch = Iterator[tuple[str, str, bytes]]


def search(body: bytes, text: str, limit: int = HITS) -> Hits:
    """Where a name or a scalar holds the text, capitals aside, in the order of the document.

    Numbers are searched by their digits, strings by what they mean, whatever way they are escaped.
    """
    text = text.strip()[:LONGEST]
    if not text:
        return Hits((), True)
    raw = trimmed(body)
    search = _Search(text, limit, raw)
    search.through(raw)
    return Hits(tuple(search.found[:limit]), search.work <= pointers.WORK and len(search.found) <= limit)


class _Search:
    """One search. The branches still to be looked at are a stack of our own: documents may be deeper than Python is."""

    def __init__(self, text: str, limit: int, raw: bytes) -> None:
        self.found: list[Hit] = []
        self.work = 0
        self._limit = limit
        self._weight = slowness(raw)
        self._plain = _plain(text, raw)
        self._raw = re.compile(b"".join(map(_spellings, text)), re.IGNORECASE)
        self._text = re.compile(re.escape(text), re.IGNORECASE)

    def through(self, raw: bytes) -> None:
        stack = [iter([("", "", raw)])]
        while stack and len(self.found) <= self._limit and self.work <= pointers.WORK:
            step = next(stack[-1], None)
            if step is None:
                stack.pop()
            elif (branch := self._look(*step)) is not None:
                stack.append(branch)

    def _look(self, pointer: str, name: str, raw: bytes) -> Branch | None:
        self._note(pointer, "key", name)
        if not (self._plain in raw.lower() if self._plain else self._raw.search(raw)):
            return None
        if kind(raw) in ("object", "array"):
            self.work += len(raw) * self._weight
            return _branch(raw, pointer)
        self._note(pointer, "value", as_text(raw))
        return None

    def _note(self, pointer: str, on: str, text: str) -> None:
        found = self._text.search(text)
        if found:
            start, end = found.span()
            before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
            self.found.append(Hit(pointer, on, before, found[0], after))


def _branch(raw: bytes, pointer: str) -> Branch:
    try:
        if kind(raw) == "array":
            yield from ((f"{pointer}/{at}", "", element) for at, element in enumerate(elements(raw)))
        else:
            yield from ((pointers.joined(pointer, name), name, value) for name, value in members(raw))
    except NotJSON:
        return


def _plain(text: str, raw: bytes) -> bytes | None:
    """What to look for in the text in small letters, where nothing in it can be written in another way."""
    if not text.isascii() or not _SHORT.keys().isdisjoint(text) or _escaped_ascii.search(raw):
        return None
    return text.lower().encode()


def _spellings(character: str) -> bytes:
    """Every way in which JSON may write a character, in either case."""
    cases = {character, character.lower(), character.upper()}
    ways = [re.escape(case.encode("utf-8", "replace")) for case in cases]
    ways += [re.escape(_SHORT[case].encode()) for case in cases if case in _SHORT]
    ways += [b"".join(rb"\\u%04x" % unit for unit in _units(case)) for case in cases]
    return b"(?:" + b"|".join(sorted(set(ways))) + b")"


def _units(text: str) -> list[int]:
    encoded = text.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(encoded[at : at + 2], "big") for at in range(0, len(encoded), 2)]
