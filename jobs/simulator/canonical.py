"""GOBL's canonical JSON, of which `head.dig` is the digest.

# [D] gobl, c14n: keys in code point order, no whitespace, null members dropped, shortest strings, plain integers, other
# numbers as 1.5E0.
"""

import hashlib
import json
import re
from decimal import Decimal
from typing import Any

_escaped = re.compile(r'["\\\x00-\x1f]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
_WORDS = {True: "true", False: "false", None: "null"}


def canonical(value: Any) -> str:
    """The canonical form. Numbers may be int, float or Decimal; raises TypeError for anything that is not JSON."""
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, dict):
        return _object(value)
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(canonical, value)) + "]"
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float | Decimal):
        return _fraction(Decimal(repr(value)) if isinstance(value, float) else value)
    raise TypeError(f"{type(value).__name__} is no JSON")


def digest(document: dict[str, Any]) -> str:
    """SHA-256 of the canonical form, hexadecimal: the value of `head.dig`."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()


def parsed(text: str | bytes) -> Any:
    """Parses JSON with exact fractions, for `canonical`."""
    return json.loads(text, parse_float=Decimal)


def _object(members: dict[str, Any]) -> str:
    kept = ((name, members[name]) for name in sorted(members) if members[name] is not None)
    return "{" + ",".join(f"{_string(name)}:{canonical(value)}" for name, value in kept) + "}"


def _string(text: str) -> str:
    return '"' + _escaped.sub(lambda found: _SHORT.get(found[0]) or f"\\u{ord(found[0]):04X}", text) + '"'


def _fraction(number: Decimal) -> str:
    """A number as 1.234E2: one digit before the point, at least one after it, no padding."""
    sign, digits, _exponent = number.as_tuple()
    text = "".join(map(str, digits)).strip("0") or "0"
    power = number.adjusted() if number else 0
    return f"{'-' if sign and number else ''}{text[0]}.{text[1:] or '0'}E{power}"
