"""The plain view: the whole text, indented, in pieces of lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import msgspec

from jobs import budget
from jobs.jsontext.scanner import slowness, trimmed

LINES = 200
WIDTH = 4_000  # characters of a line that are shown
INDENT = 2
DEEPEST = 40  # levels that are indented; deeper ones stay there, or 900 levels would be mostly spaces
ROOM = 64_000_000  # bytes the indented text may take when made in one go

_strings = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_token = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{},:]|[^\s"\[\]{},:]++', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


@dataclass(frozen=True, slots=True)
class Line:
    number: int  # from 1
    text: str
    hidden: int = 0  # characters cut off


@dataclass(frozen=True, slots=True)
class Piece:
    lines: tuple[Line, ...]
    start: int  # lines before the first
    total: int | None  # lines of the whole; None where counting them would cost too much
    has_more: bool

    @property
    def next(self) -> int:
        """Where the next piece begins."""
        return self.start + len(self.lines)


def pretty(body: bytes, start: int = 0, count: int = LINES) -> Piece:
    """Lines `start` to `start + count` of the indented text. What is no JSON is broken at its brackets and commas.

    Raises Exhausted.
    """
    raw = trimmed(body)
    start = max(start, 0)
    whole = _formatted(raw)
    if whole is None:
        found = [*islice(_indented(raw), start, start + count + 1)]
        return Piece(_lines(found[:count], start), start, None, len(found) > count)
    rest = whole.split(b"\n", start + count)
    total = whole.count(b"\n") + 1
    return Piece(_lines(rest[start : start + count], start), start, total, start + count < total)


def _lines(found: list[bytes], start: int) -> tuple[Line, ...]:
    texts = [line.decode("utf-8", "replace").replace("\0", "\u2400") for line in found]
    return tuple(Line(at, text[:WIDTH], max(0, len(text) - WIDTH)) for at, text in enumerate(texts, start + 1))


def _formatted(raw: bytes) -> bytes | None:
    """msgspec's own indenting, where its result has a decent size."""
    if slowness(raw) > 1:
        return None
    depth = _depth(raw)
    if depth is None or len(raw) + raw.count(b",") * (2 + depth * INDENT) > ROOM:
        return None
    try:
        return msgspec.json.format(raw, indent=INDENT)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _depth(raw: bytes) -> int | None:
    """How many containers stand in one another, at the least; None beyond the depth that is indented."""
    quick = _taken_apart(raw.translate(None, _NO_BRACKETS))
    return quick if quick is not None else _taken_apart(_strings.sub(b"", raw).translate(None, _NO_BRACKETS))


def _taken_apart(brackets: bytes) -> int | None:
    for depth in range(DEEPEST + 1):
        budget.check()
        if not brackets:
            return depth
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
    return None


def _indented(raw: bytes) -> Iterator[bytes]:
    """Line by line, from whatever the text is: nothing is held but the line, nothing is left out."""
    depth, line, opened = 0, b"", False
    for found in budget.checked(_token.finditer(raw)):
        token = found[0]
        if opened and token not in (b"]", b"}"):
            yield line
            line = _margin(depth)
        opened = token in (b"[", b"{")
        if opened:
            depth += 1
            line += token
        elif token in (b"]", b"}"):
            depth = max(0, depth - 1)
            if not line.endswith((b"[", b"{")):
                yield line
                line = _margin(depth)
            line += token
        elif token == b",":
            yield line + token
            line = _margin(depth)
        else:
            line += b": " if token == b":" else token
    yield line


def _margin(depth: int) -> bytes:
    return b" " * (INDENT * min(depth, DEEPEST))
