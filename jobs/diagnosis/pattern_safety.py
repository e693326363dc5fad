"""Whether a regular expression is safe: counts the ways it can match before it is used.

Python's engine backtracks, so a text that nearly matches can take as many steps as there are ways to divide it among
the repeats of a pattern: (a+)+ has 2 to the power of its length. The pattern is parsed with Python's own parser, and
upper bounds are counted: a rejected pattern may be harmless, but an accepted one is never harmful.
"""

import re
from collections.abc import Iterable
from functools import partial
from math import prod

# The parser has no public name; `re.compile` itself uses it since Python 3.11.
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

Ways = int

MOST = 20_000  # ways to match from one place: one ".*" in 4,000 characters, with a handful of alternatives
_REPEATS = {"MAX_REPEAT", "MIN_REPEAT"}


def is_affordable(pattern: str, length: int) -> bool:
    """Whether the pattern has few ways to match in that many characters. Raises what `re.compile` raises."""
    return _of_sequence(parser.parse(pattern, re.IGNORECASE), length) <= MOST


def _of_sequence(parts: Iterable[tuple[Any, Any]], length: int) -> Ways:
    return min(MOST + 1, prod(_of_part(str(kind), value, length) for kind, value in parts))


def _of_part(kind: str, value: Any, length: int) -> Ways:
    ways = partial(_of_sequence, length=length)
    if kind in _REPEATS:
        least, most, body = value
        return _of_repeat(least, min(most, length), ways(body))
    if kind == "BRANCH":
        return sum(map(ways, value[1]))
    if kind == "SUBPATTERN":
        return ways(value[-1])
    if kind in {"ASSERT", "ASSERT_NOT"}:
        return ways(value[1])
    if kind == "ATOMIC_GROUP":
        return ways(value)
    if kind == "POSSESSIVE_REPEAT":
        return _of_repeat(value[0], min(value[1], length), ways(value[2]))
    if kind == "GROUPREF_EXISTS":
        return sum(ways(branch) for branch in value[1:] if branch)
    return 1


def _of_repeat(least: int, most: int, body: Ways) -> Ways:
    """The number of possible repeat counts if the body has one way to match; otherwise each repeat multiplies."""
    if body == 1:
        return max(1, most - least + 1)
    ways = turn = 1
    for _ in range(most):
        turn *= body
        ways += turn
        if ways > MOST:
            return MOST + 1
    return ways
