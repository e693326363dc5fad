"""Unicode folding for search: ignores case, and treats composed and decomposed accents as equal.

Everything is linear in the length of the text. Python's own normalization is not: it sorts the combining marks of a
letter by insertion, so a text is folded in short pieces that do not begin with a mark.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from unicodedata import combining, normalize

from jobs import cpu_budget

PIECE = 256  # characters, plus the marks of the last letter
MARKS = 32  # marks of one letter; further ones begin the next piece
_may_combine = re.compile("[^\0-\u02ff]")


@dataclass(frozen=True, slots=True)
class Place:
    start: int  # in the original text
    end: int


def folded(text: str) -> str:
    """The text with case and accents normalized for comparison. Raises Exhausted."""
    if text.isascii():
        return text.lower()
    if not _may_combine.search(text):
        quick = text.casefold()
        if len(quick) == len(text):
            return quick
    return "".join(_folded(piece) for piece in cpu_budget.checked(_pieces(text), 64))


def find(text: str, sought: str) -> Place | None:
    """The first occurrence of `sought`, which is already folded. Raises Exhausted."""
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
    """Converts a place in the folded text to the original: the start of its character, or with `after` its end."""
    at = seen = 0
    for length in (PIECE, 1):
        for piece in cpu_budget.checked(_pieces(text[at : at + PIECE + MARKS] if length == 1 else text, length), 64):
            size = len(_folded(piece))
            if seen + size > place:
                break
            seen, at = seen + size, at + len(piece)
    return at + len(next(_pieces(text[at : at + 1 + MARKS], 1), "")) if after else at
