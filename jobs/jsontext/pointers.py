"""JSON Pointers (RFC 6901) resolved in raw bytes, which keeps the original text.

If a name occurs twice in an object, `/name` is the first. A standard pointer cannot address the later ones; they are
`/name~21`, `/name~22`…: `~2`, which RFC 6901 does not use, and the number of earlier members of that name.
"""

import re
from itertools import islice

from jobs.jsontext.scanner import (
    NotJSON,
    Piece,
    Refused,
    first,
    quick_elements,
    quick_members,
    scan_elements,
    scan_members,
    slowness,
    string,
    value_end,
)

MAX_TOKENS = 2_000
# Splitting a level reads all of it, so visiting every level of a long, deep text would read it hundreds of times. This
# many bytes, about half a second, may be read for one call.
WORK = 400_000_000
FEW = 12  # levels

_again = re.compile(r"~2([0-9]{1,9})$")
_index = re.compile(r"0|[1-9][0-9]{0,8}")

Token = tuple[str, int]  # the name or index, and the number of earlier members of that name


def joined(pointer: str, name: str, occurrence: int = 0) -> str:
    """The pointer of a member or element below another."""
    token = name.replace("~", "~0").replace("/", "~1")
    return f"{pointer}/{token}" if not occurrence else f"{pointer}/{token}~2{occurrence}"


def tokens(pointer: str) -> list[Token] | None:
    """The steps of a pointer; None if it is invalid or too long."""
    if pointer == "":
        return []
    parts = pointer.split("/")
    if parts[0] or len(parts) > MAX_TOKENS:
        return None
    return [_token(part) for part in parts[1:]]


def value(raw: bytes, pointer: str) -> bytes | None:
    """The unchanged JSON text at the pointer; None if there is no value."""
    path = tokens(pointer)
    return None if path is None else _follow(raw, path)


def depth(raw: bytes, path: list[Token]) -> int:
    """How many steps of a path exist. Text that cannot be split is read once, however many steps there are."""
    here: Piece = raw
    for at, token in enumerate(path):
        try:
            found = _child(here, token)
        except Refused:
            return at + _straight_depth(bytes(here), path[at:])
        if found is None:
            return at
        here = found
    return len(path)


def _straight_depth(raw: bytes, path: list[Token]) -> int:
    at: int | None = 0
    for done, token in enumerate(path):
        try:
            at = _start(raw, at or 0, token)
        except NotJSON:
            at = None
        if at is None:
            return done
    return len(path)


def index(name: str) -> int | None:
    """The array index named by a step of a pointer; None if it is none."""
    return int(name) if _index.fullmatch(name) else None


def work(raw: bytes) -> int:
    """The cost of splitting one level of a text, in bytes of ordinary text."""
    return len(raw) * slowness(raw)


def _token(part: str) -> Token:
    again = _again.search(part)
    name = part[: again.start()] if again else part
    return name.replace("~1", "/").replace("~0", "~"), int(again[1]) if again else 0


def _follow(raw: bytes, path: list[Token]) -> bytes | None:
    """msgspec splits a level faster than our scanner, for few levels."""
    if len(path) > FEW:
        return _straight(raw, path)
    here: Piece = raw
    for at, token in enumerate(path):
        try:
            found = _child(here, token)
        except Refused:
            return _straight(bytes(here), path[at:])
        if found is None:
            return None
        here = found
    return bytes(here)


def _child(raw: Piece, token: Token) -> Piece | None:
    """Raises Refused."""
    name, occurrence = token
    if first(raw) == b"{":
        return next(islice((value for key, value in quick_members(raw) if key == name), occurrence, None), None)
    at = index(name) if first(raw) == b"[" else None
    return None if at is None else next(islice(quick_elements(raw), at, None), None)


def _straight(raw: bytes, path: list[Token]) -> bytes | None:
    """Reads the text in one pass, and stops after the place."""
    at: int | None = 0
    try:
        for token in path:
            at = None if at is None else _start(raw, at, token)
        return None if at is None else raw[at : value_end(raw, at)] if path else raw
    except NotJSON:
        return None


def _start(raw: bytes, at: int, token: Token) -> int | None:
    name, occurrence = token
    if raw[at : at + 1] == b"{":
        found = (start for key, end, start, _ in scan_members(raw, at, ends=False) if string(raw[key:end]) == name)
        return next(islice(found, occurrence, None), None)
    place = index(name) if raw[at : at + 1] == b"[" else None
    if place is not None:
        return next(islice((start for start, _ in scan_elements(raw, at, ends=False)), place, None), None)
    return None
