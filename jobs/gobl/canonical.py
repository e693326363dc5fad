"""The canonical JSON that GOBL digests.

[D] invopop/gobl, c14n: keys sorted by code point, no spaces, null members left out, 64-bit integers unchanged, other
numbers as 1.234E2, short escapes if they exist, otherwise \\u001F with capitals.
"""

import json
import re
from decimal import Decimal

import msgspec

from jobs import cpu_budget

_controls = re.compile(rb"\\u00[01]|\\u[dD][89a-fA-F]")
_DIGITS = bytes(ord("0") if chr(byte).isdigit() and byte < 128 else ord(" ") for byte in range(256))
_escaped = re.compile('[\x00-\x1f"\\\\]')
_WORDS: dict[object, str] = {None: "null", True: "true", False: "false"}
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


class Uncertain(ValueError):
    """There is no canonical form, or GOBL might write it differently."""


class _Number(str):
    """A number with its original text."""

    __slots__ = ()


class _Members(list[tuple[str, object]]):
    """An object: its members in order."""


def _refuse(text: str) -> float:
    raise Uncertain("a number with a fraction")


_plain = msgspec.json.Decoder(float_hook=_refuse)


def canonical(raw: bytes) -> bytes:
    """The canonical form of a JSON text. Raises Uncertain if it is invalid, too deep, or has a duplicate name."""
    try:
        return _quick(raw) or _careful(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Uncertain("no canonical form") from error


def has_fraction(raw: bytes) -> bool:
    """Whether there is a fraction, which versions of GOBL write differently. [I]"""
    return bool(re.search(rb"[0-9][.eE][+0-9-]", re.sub(rb'"(?:[^"\\]++|\\.)*+"', b"", raw)))


def _quick(raw: bytes) -> bytes | None:
    """The canonical form by msgspec, 20 times faster, for texts without special cases."""
    if _is_delicate(raw):
        return None
    try:
        written = msgspec.json.encode(_plain.decode(raw), order="sorted")
    except (msgspec.MsgspecError, ValueError):
        return None
    return written if written.count(b'":') == raw.count(b'":') else None


def _is_delicate(raw: bytes) -> bool:
    """Whether there are nulls, control characters or numbers beyond 64 bits; fast for megabytes."""
    words = any(word in raw for word in (b"null", b"\\b", b"\\f"))
    return words or _controls.search(raw) is not None or b"0" * 19 in raw.translate(_DIGITS)


def _careful(raw: bytes) -> bytes:
    cpu_budget.check()
    value = json.loads(raw, object_pairs_hook=_Members, parse_int=_Number, parse_float=_Number, parse_constant=_refuse)
    cpu_budget.check()
    parts: list[str] = []
    _write(value, parts)
    return "".join(parts).encode()


def _write(value: object, parts: list[str]) -> None:
    if isinstance(value, _Number):
        parts.append(_number(value))
    elif isinstance(value, str):
        parts.append(_string(value))
    elif isinstance(value, _Members):
        _write_members(value, parts)
    elif isinstance(value, list):
        _write_elements(value, parts)
    else:
        parts.append(_WORDS[value])


def _write_members(members: _Members, parts: list[str]) -> None:
    if len(dict(members)) != len(members):
        raise Uncertain("a name twice")
    opening = "{"
    for name, value in cpu_budget.checked(sorted(members, key=lambda member: member[0])):
        if value is not None:
            parts.append(opening + _string(name) + ":")
            _write(value, parts)
            opening = ","
    parts.append("{}" if opening == "{" else "}")


def _write_elements(elements: list[object], parts: list[str]) -> None:
    opening = "["
    for value in cpu_budget.checked(elements):
        parts.append(opening)
        _write(value, parts)
        opening = ","
    parts.append("[]" if opening == "[" else "]")


def _string(text: str) -> str:
    return f'"{_escaped.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[0]) or f"\\u{ord(found[0]):04X}"


def _number(text: str) -> str:
    if len(text) <= 20 and re.fullmatch("-?[0-9]+", text) and -(2**63) <= int(text) < 2**63:
        return str(int(text))
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise Uncertain("a number too large")
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    power = int(exponent) + len(digits) - 1 if value else 0
    rest = "".join(map(str, digits[1:])) or "0"
    return f"{'-' * sign if value else ''}{digits[0]}.{rest}E{power}"
