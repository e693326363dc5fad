"""Text as a search reads it: capitals aside, and a letter with its accent alike in one character or in two.

Everything is linear in the length of the text. Python's own normalization is not: it sorts the marks on a letter by
insertion, so a text is folded in short pieces, each of which begins with something that is no mark.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from unicodedata import combining, normalize

from jobs import budget

PIECE = 256  # characters; a piece may be longer by the marks on its last letter
MARKS = 32  # on one letter; what comes after them is a piece of its own
_may_combine = re.compile("[^\0-\u02ff]")


@dataclass(frozen=True, slots=True)
class Place:
    start: int  # in the text as it came
    end: int


def folded(text: str) -> str:
    """The text in the form in which two texts that a person reads alike are the same. Raises Exhausted."""
    if text.isascii():
        return text.lower()
    if not _may_combine.search(text):
        quick = text.casefold()
        if len(quick) == len(text):
            return quick
    return "".join(_folded(piece) for piece in budget.checked(_pieces(text), 64))


def find(text: str, sought: str) -> Place | None:
    """Where the text holds `sought`, which is folded, for the first time. Raises Exhausted."""
    whole = folded(text)
    start = whole.find(sought)
    if start < 0:
        return None
    if len(whole) == len(text) and not _may_combine.search(text):
        return Place(start, start + len(sought))
    return Place(_unfolded(text, start), _unfolded(text, start + len(sought) - 1, after=True))


def _folded(piece: str) -> str:
    return normalize("NFC", normalize("NFD", piece).casefold())


def _pieces(text: str, length: int = PIECE) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = start + length
        most = min(end + MARKS, len(text))
        while end < most and combining(text[end]):
            end += 1
        yield text[start:end]
        start = end


def _unfolded(text: str, place: int, after: bool = False) -> int:
    """The place in the text whose folded form begins, or with `after` ends, at or around the place given."""
    at = seen = 0
    for length in (PIECE, 1):
        for piece in budget.checked(_pieces(text[at : at + PIECE + MARKS] if length == 1 else text, length), 64):
            size = len(_folded(piece))
            if seen + size > place:
                break
            seen, at = seen + size, at + len(piece)
    return at + len(next(_pieces(text[at : at + 1 + MARKS], 1), "")) if after else at
