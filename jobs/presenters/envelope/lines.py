"""The plain view: the whole text, indented, in pieces of lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import msgspec

from jobs import cpu_budget
from jobs.jsontext.scanner import slowness, trimmed

LINES = 200
WIDTH = 4_000  # characters shown of a line
INDENT = 2
DEEPEST = 40  # levels that are indented; with 900 levels the text would be mostly spaces
MOST_INDENTED = 64_000_000  # bytes of indented text that are made at once

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
    total: int | None  # lines of the whole text; None if they are too expensive to count
    has_more: bool

    @property
    def next(self) -> int:
        """The start of the next piece."""
        return self.start + len(self.lines)


def pretty(body: bytes, start: int = 0, count: int = LINES) -> Piece:
    """Lines `start` to `start + count` of the indented text. Invalid JSON is broken at its brackets and commas.

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
    """The text indented by msgspec; None if it is not JSON, or the result would be too large or slow to make."""
    if slowness(raw) > 1:
        return None
    depth = _depth(raw)
    if depth is None or len(raw) + raw.count(b",") * (2 + depth * INDENT) > MOST_INDENTED:
        return None
    try:
        return msgspec.json.format(raw, indent=INDENT)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _depth(raw: bytes) -> int | None:
    """The nesting depth, or a lower bound of it; None beyond the depth that is indented."""
    quick = _count_levels(raw.translate(None, _NO_BRACKETS))
    return quick if quick is not None else _count_levels(_strings.sub(b"", raw).translate(None, _NO_BRACKETS))


def _count_levels(brackets: bytes) -> int | None:
    for depth in range(DEEPEST + 1):
        cpu_budget.check()
        if not brackets:
            return depth
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
    return None


def _indented(raw: bytes) -> Iterator[bytes]:
    """The lines of any text, JSON or not, made one by one without leaving anything out."""
    depth, line, opened = 0, b"", False
    for found in cpu_budget.checked(_token.finditer(raw)):
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
