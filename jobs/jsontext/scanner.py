"""Splits JSON text one level at a time without parsing values, which keeps their exact text.

msgspec splits valid, shallow text. What it rejects (NaN, lone surrogates, control characters, very many levels) goes
through our own scanner, which is slower and lenient and does not recurse. Everything is linear in the length of the
text and raises only `NotJSON`.
"""

import re
from collections.abc import ItemsView, Iterator
from contextlib import suppress
from itertools import count
from json import JSONDecoder
from math import inf

import msgspec

from jobs import cpu_budget

Pairs = list[tuple[str, bytes]]
# A part of a text: a msgspec Raw is a view of the text, which saves a copy of megabytes.
Piece = bytes | msgspec.Raw

# An array element takes 60 bytes in msgspec: beyond this many commas our own scanner yields one at a time.
MANY = 1_000_000

# In a shorter object, or one with more keys, counting the colons is cheaper than requesting every key. If values
# contain colons too, the count is useless and each key is requested after all.
SHORT, FEW_KEYS = 2_000, 1_000

# Measured slowness of our own scanner: for text with a character msgspec rejects, and for text of mostly brackets.
ODD = 10
DEEP = 300

# Levels of containers. A deeper value is returned as text and not split.
DEEPEST = 200_000

_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_string = re.compile(_STRING, re.DOTALL)
_scalar = re.compile(rb'[^\s"\[\]{},:]++')
_space = re.compile(rb"[ \t\r\n]*+")
_colon = re.compile(rb"[ \t\r\n]*+:[ \t\r\n]*+")
_next = re.compile(rb"[ \t\r\n]*+([,}\]])[ \t\r\n]*+")
# A string (closed or not), a container without containers inside, or a run of brackets: enough to find the end of a
# value. Runs are matched at once, or ten million brackets would take seconds.
_nesting = re.compile(
    rb'"(?:[^"\\]++|\\.)*+"?|[\[{]{2,}+|[\[{](?:(?:[^"\[\]{}]++|' + _STRING + rb")*+[\]}])?|[\]}]++", re.DOTALL
)
_number = re.compile(rb"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?|NaN|-?Infinity")
_surrogate = re.compile("[\ud800-\udfff]")


class Refused(ValueError):
    """msgspec cannot split this text; our own scanner may."""


class NotJSON(ValueError):
    """Not the expected JSON container. The message contains nothing of the text."""


class _Crowded(Exception):
    """An object has more keys than can be requested one by one."""


class _Key(str):
    """A key equal only to itself, so that a dict keeps duplicates."""

    __slots__ = ()
    __hash__ = object.__hash__
    __eq__ = object.__eq__
    __ne__ = object.__ne__


_by_key = msgspec.json.Decoder(dict[str, msgspec.Raw])
_in_order = msgspec.json.Decoder(list[msgspec.Raw])
_any = msgspec.json.Decoder(msgspec.Raw)
_text = msgspec.json.Decoder(str)
_lenient = JSONDecoder(strict=False)
_REFUSED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError)


def kind(raw: bytes) -> str:
    """One of object, array, string, number, boolean, null, unknown: by the first character. NaN counts as a number."""
    first = raw[:1]
    if first == b'"':
        return "string"
    if first == b"{":
        return "object"
    if first == b"[":
        return "array"
    if raw in (b"true", b"false"):
        return "boolean"
    if raw == b"null":
        return "null"
    return "number" if _number.fullmatch(raw) else "unknown"


def slowness(raw: bytes) -> int:
    """How much slower splitting a level is than with msgspec: 1, ODD or DEEP."""
    try:
        _any.decode(raw)
    except RecursionError:
        return DEEP
    except _REFUSED:
        return ODD
    return 1


def members(raw: bytes) -> Pairs:
    """The members of an object in order, duplicates included. Raises NotJSON."""
    return [(key, bytes(value)) for key, value in uncopied_members(raw)]


def uncopied_members(raw: Piece) -> list[tuple[str, Piece]]:
    """The same, with each value as a view of the text."""
    try:
        return quick_members(raw)
    except Refused:
        text = bytes(raw)
        return [(string(text[at:key]), text[start:end]) for at, key, start, end in scan_members(text, is_whole=True)]


def quick_members(raw: Piece) -> list[tuple[str, Piece]]:
    """The members as split by msgspec. Raises Refused if it rejects the text."""
    cpu_budget.check()
    try:
        return [(_shown(str(key)), value) for key, value in cpu_budget.checked(_cut(raw))]
    except _REFUSED as error:
        raise Refused from error


def _cut(raw: Piece) -> ItemsView[str, msgspec.Raw]:
    with suppress(_Crowded):
        if size(raw) >= SHORT:
            return _every_key(raw, FEW_KEYS).items()
    found = _by_key.decode(raw)
    return found.items() if bytes(raw).count(b'":') == len(found) else _every_key(raw).items()


def _every_key(raw: Piece, most: float = inf) -> dict[_Key, msgspec.Raw]:
    """All keys, duplicates included. Raises _Crowded."""
    number = count(1)

    def apart(_: type, key: str) -> _Key:
        at = next(number)
        if at > most:
            raise _Crowded
        if not at % cpu_budget.EVERY:
            cpu_budget.check()
        return _Key(key)

    return msgspec.json.Decoder(dict[_Key, msgspec.Raw], dec_hook=apart).decode(raw)


def elements(raw: bytes) -> Iterator[bytes]:
    """The elements of an array, one by one. Raises NotJSON if the text is invalid."""
    try:
        return map(bytes, quick_elements(raw))
    except Refused:
        if raw.count(b",") < MANY:
            _whole(raw)
    return (raw[start:end] for start, end in scan_elements(raw))


def quick_elements(raw: Piece) -> list[msgspec.Raw]:
    """The elements as split by msgspec. Raises Refused if it rejects the text or they are too many to keep."""
    cpu_budget.check()
    if size(raw) > MANY and bytes(raw).count(b",") >= MANY:
        raise Refused
    try:
        return _in_order.decode(raw)
    except _REFUSED as error:
        raise Refused from error


def size(raw: Piece) -> int:
    """Bytes."""
    return len(memoryview(raw))


def first(raw: Piece) -> bytes:
    """The first character, which determines the kind."""
    return bytes(memoryview(raw)[:1])


def string(raw: bytes) -> str:
    """The text of a JSON string. Lone surrogates and invalid UTF-8 become U+FFFD, NUL a visible U+2400."""
    if b"\\" not in raw:
        return _shown(raw[1:-1].decode("utf-8", "replace"))
    try:
        return _shown(_text.decode(raw))
    except _REFUSED:
        return _shown(_unescaped(raw[1:-1].decode("utf-8", "replace")))


def trimmed(raw: bytes) -> bytes:
    """The text without byte order mark and surrounding spaces."""
    return raw.removeprefix(b"\xef\xbb\xbf").strip(b" \t\r\n")


def scan_members(
    raw: bytes, at: int = 0, ends: bool = True, is_whole: bool = False
) -> Iterator[tuple[int, int, int, int]]:
    """(key start, key end, value start, value end) of each member of the object that begins at `at`. Raises NotJSON.

    Without `ends`, a value is skipped only when the next is requested, and its end is given as 0. With `is_whole`,
    nothing may follow the object.
    """
    at = _opened(raw, at, b"{")
    for _ in cpu_budget.checked(count()):
        if raw[at : at + 1] == b"}":
            break
        key = _matched(_string, raw, at)
        start = _matched(_colon, raw, key)
        end = value_end(raw, start) if ends else 0
        yield at, key, start, end
        at = _after(raw, end or value_end(raw, start), b"}")
    if is_whole and at + 1 != len(raw):
        raise NotJSON("more than one value")


def scan_elements(raw: bytes, at: int = 0, ends: bool = True) -> Iterator[tuple[int, int]]:
    """(start, end) of each element of the array that begins at `at`, in the same way. Raises NotJSON."""
    at = _opened(raw, at, b"[")
    for _ in cpu_budget.checked(count()):
        if raw[at : at + 1] == b"]":
            break
        end = value_end(raw, at) if ends else 0
        yield at, end
        at = _after(raw, end or value_end(raw, at), b"]")


def _after(raw: bytes, end: int, closing: bytes) -> int:
    """The start of the next member or element, or the closing bracket."""
    following = _next.match(raw, end)
    if following is None or following[1] not in (b",", closing):
        raise NotJSON("not a container")
    if following[1] == closing:
        return following.start(1)
    if raw[following.end() : following.end() + 1] == closing:
        raise NotJSON("a comma too many")
    return following.end()


def value_end(raw: bytes, at: int) -> int:
    """The end of the value at `at`; inside a container only strings and brackets are checked."""
    first = raw[at : at + 1]
    if first == b'"':
        return _matched(_string, raw, at)
    if first in (b"{", b"["):
        return _closing(raw, at)
    return _matched(_scalar, raw, at)


def _closing(raw: bytes, at: int) -> int:
    depth = 0
    for token in cpu_budget.checked(_nesting.finditer(raw, at)):
        start, end = token.span()
        first, last = raw[start], raw[end - 1]
        if first == 0x22:
            if end - start == 1 or last != 0x22:
                break
        elif first in b"]}":
            if depth <= end - start:
                return start + depth
            depth -= end - start
        elif last in b"[{":
            depth += end - start
            if depth > DEEPEST:
                raise NotJSON("too deep")
        if depth <= 0:
            return end
    raise NotJSON("not closed")


def _whole(raw: bytes) -> None:
    if value_end(raw, 0) != len(raw):
        raise NotJSON("more than one value")


def _opened(raw: bytes, at: int, bracket: bytes) -> int:
    if raw[at : at + 1] != bracket:
        raise NotJSON("not a container")
    return _matched(_space, raw, at + 1)


def _matched(pattern: re.Pattern[bytes], raw: bytes, at: int) -> int:
    found = pattern.match(raw, at)
    if found is None:
        raise NotJSON("not a value")
    return found.end()


def _unescaped(text: str) -> str:
    try:
        text = str(_lenient.decode(f'"{text}"'))
    except ValueError:
        return text
    return _surrogate.sub("\ufffd", text)


def _shown(text: str) -> str:
    return text.replace("\0", "\u2400") if "\0" in text else text
