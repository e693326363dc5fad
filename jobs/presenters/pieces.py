"""The live part in pieces: a poll brings those that its browser does not have yet.

A template puts an element that has an id between `{% piece %}` and `{% endpiece %}`; pieces may hold pieces. The name
of a piece is a digest of what is in it, apart from the pieces inside. A browser says which pieces it shows, and gets in
place of each of them an empty element of the same id; what is new inside it stands there, whatever the depth.
"""

import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Union

from django.utils.crypto import salted_hmac
from django.utils.safestring import SafeString, mark_safe

BEGIN, END = "<!--piece-->", "<!--/piece-->"  # no text of a job can contain them, because texts are escaped
SAME = " data-same>"  # ends the tag of what stands in place of a known piece; no text can contain it either
NAME = 6  # bytes: by chance, one new piece in a million million has the name of one of fifty others
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
    """Raises ValueError for a piece whose first tag has no id."""
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
    """All of it, or what a browser needs that shows the pieces of these names."""
    return mark_safe("".join(_sent(each, known) for each in content))  # noqa: S308 (a template's output)


def _sent(each: str | Piece, known: frozenset[str]) -> str:
    if isinstance(each, str):
        return each
    return each.stub("".join(_news(each, known))) if each.name in known else joined(each.inside, known)


def _news(piece: Piece, known: frozenset[str]) -> Iterator[str]:
    """What is new inside a piece that is known."""
    for each in piece.inside:
        if isinstance(each, Piece):
            yield from _news(each, known) if each.name in known else (_sent(each, known),)


def _piece(inside: list[str | Piece]) -> Piece:
    own = "".join(each if isinstance(each, str) else each.stub() for each in inside)
    start = _first_tag.match(own)
    if start is None:
        raise ValueError("a piece is an element with an id")
    name = urlsafe_b64encode(salted_hmac("piece", own, algorithm="sha256").digest()[:NAME]).decode()
    first = f'{start[0]} data-piece="{name}"{str(inside[0])[start.end() :]}'
    return Piece(name, start[1], start[2], (first, *inside[1:]))
