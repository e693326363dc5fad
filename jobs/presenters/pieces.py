"""The live part in pieces: a poll sends only the pieces its browser does not have.

A template wraps an element that has an id in `{% piece %}` and `{% endpiece %}`; pieces may be nested. The name of a
piece is a digest of its content, without the pieces inside. A browser sends the names of the pieces it shows. In place
of each it gets a stub, an element with the same id that holds only the new pieces inside it, at any depth.
"""

import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Union

from django.utils.crypto import salted_hmac
from django.utils.safestring import SafeString, mark_safe

BEGIN, END = "<!--piece-->", "<!--/piece-->"  # texts of a job cannot contain them, because they are escaped
SAME = " data-same>"  # ends the start tag of a stub; texts of a job cannot contain it either
NAME = 6  # bytes: one new piece in 10^12 has the same name as one of fifty others
_border = re.compile(f"({BEGIN}|{END})")
_first_tag = re.compile(r'<(\w+)(?=[^>]*?\sid="([^"]+)")')
Content = Sequence[Union[str, "Piece"]]


@dataclass(frozen=True, slots=True)
class Piece:
    name: str
    tag: str
    id: str
    inside: Content

    def stub(self, news: str = "") -> str:
        return f'<{self.tag} id="{self.id}"{SAME}{news}</{self.tag}>'


def split(html: str) -> Content:
    """The text and pieces of rendered HTML. Raises ValueError for a piece whose first tag has no id."""
    inside: list[str | Piece] = []
    around: list[list[str | Piece]] = []
    for text in _border.split(html):
        if text == BEGIN:
            around.append(inside)
            inside = []
        elif text == END:
            piece = _piece(inside)
            inside = around.pop()
            inside.append(piece)
        else:
            inside.append(text)
    return tuple(inside)


def joined(content: Content, known: frozenset[str] = frozenset()) -> SafeString:
    """The HTML for a browser that shows the `known` pieces; without any, the whole."""
    return mark_safe("".join(_sent(each, known) for each in content))  # noqa: S308 (a template's output)


def _sent(each: str | Piece, known: frozenset[str]) -> str:
    if isinstance(each, str):
        return each
    return each.stub("".join(_news(each, known))) if each.name in known else joined(each.inside, known)


def _news(piece: Piece, known: frozenset[str]) -> Iterator[str]:
    """The new pieces inside a known one."""
    for each in piece.inside:
        if isinstance(each, Piece):
            yield from _news(each, known) if each.name in known else (_sent(each, known),)


def _piece(inside: list[str | Piece]) -> Piece:
    own = "".join(each if isinstance(each, str) else each.stub() for each in inside)
    start = _first_tag.match(own)
    if start is None:
        raise ValueError("a piece must be an element with an id")
    name = urlsafe_b64encode(salted_hmac("piece", own, algorithm="sha256").digest()[:NAME]).decode()
    first = f'{start[0]} data-piece="{name}"{str(inside[0])[start.end() :]}'
    return Piece(name, start[1], start[2], (first, *inside[1:]))
