"""Addresses inside JSON text: JSON Pointer (RFC 6901), resolved over the raw bytes, so that what is found is what was sent.

Where a name comes twice in an object, `/name` is the last, as in every common parser. The earlier ones, which a plain
pointer cannot name, are `/name~20`, `/name~21`…: `~2` followed by which of them it is; RFC 6901 leaves `~2` unused.
"""

import re
from itertools import islice

from jobs.invopop.scanner import NotJSON, elements, members, scan_elements, scan_members, string, value_end

MAX_TOKENS = 2_000
# Cutting a level reads all of it, so a deep place in a long text would read it hundreds of times over: past this many
# bytes the way goes straight down instead, taking the first of two members with one name.
WORK = 100_000_000

_again = re.compile(r"~2([0-9]{1,9})$")
_index = re.compile(r"0|[1-9][0-9]{0,8}")

Token = tuple[str, int | None]  # the name or index, and which occurrence of it; None is the last


def joined(pointer: str, name: str, occurrence: int | None = None) -> str:
    """The pointer of a member or element below another."""
    token = name.replace("~", "~0").replace("/", "~1")
    return f"{pointer}/{token}" if occurrence is None else f"{pointer}/{token}~2{occurrence}"


def tokens(pointer: str) -> list[Token] | None:
    """The steps of a pointer; None where it is none, or is longer than any document is deep."""
    if pointer == "":
        return []
    parts = pointer.split("/")
    if parts[0] or len(parts) > MAX_TOKENS:
        return None
    return [_token(part) for part in parts[1:]]


def value(raw: bytes, pointer: str) -> bytes | None:
    """The JSON text that stands at the pointer, exactly as it came; None where there is nothing."""
    path = tokens(pointer)
    return None if path is None else _follow(raw, path)


def _token(part: str) -> Token:
    again = _again.search(part)
    name = part[: again.start()] if again else part
    return name.replace("~1", "/").replace("~0", "~"), int(again[1]) if again else None


def _follow(raw: bytes, path: list[Token]) -> bytes | None:
    work = 0
    for depth, token in enumerate(path):
        work += len(raw)
        if work > WORK:
            return _straight(raw, path[depth:])
        found = _child(raw, token)
        if found is None:
            return None
        raw = found
    return raw


def _child(raw: bytes, token: Token) -> bytes | None:
    name, occurrence = token
    try:
        if raw[:1] == b"{":
            values = [value for key, value in members(raw) if key == name]
            return next(iter(values[-1:] if occurrence is None else values[occurrence : occurrence + 1]), None)
        if raw[:1] == b"[" and _index.fullmatch(name):
            return next(islice(elements(raw), int(name), None), None)
    except NotJSON:
        pass
    return None


def _straight(raw: bytes, path: list[Token]) -> bytes | None:
    """One pass: what stands before the place is skipped, what stands after it is not looked at."""
    at: int | None = 0
    try:
        for name, _ in path:
            at = None if at is None else _start(raw, at, name)
        return None if at is None else raw[at : value_end(raw, at)]
    except NotJSON:
        return None


def _start(raw: bytes, at: int, name: str) -> int | None:
    if raw[at : at + 1] == b"{":
        keys = scan_members(raw, at, ends=False)
        return next((start for key, end, start, _ in keys if string(raw[key:end]) == name), None)
    if raw[at : at + 1] == b"[" and _index.fullmatch(name):
        return next(islice((start for start, _ in scan_elements(raw, at, ends=False)), int(name), None), None)
    return None
