"""Pages shared by everybody with the same content: rendered and compressed once, with placeholders for personal parts.

The cache key contains everything a page is rendered from, and the request is not available to it, so nothing else can
be on the page. What is put into the placeholders is not cached.
"""

import random
import re
import struct
import zlib
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.middleware.csrf import CSRF_TOKEN_LENGTH, get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from jobs.http import Request, accepts_gzip
from jobs.models import Team
from jobs.views.render_cache import RenderCache

KEPT = 8_000_000  # bytes cached per process
PADDING = 100  # random bytes at most, so that the length reveals nothing (BREACH), as in Django's middleware
CSRF, NAME, NUMBER, LEFT, WATCH = holes = [
    SafeString(f"<hole {name}>") for name in ("csrf", "name", "number", "left", "watch")
]  # no text of a job contains them, because texts are escaped
_hole = re.compile("(" + "|".join(holes) + ")")
_GZIP, _NAMED = b"\x1f\x8b\x08\x08\0\0\0\0\0\xff", b"\0"  # RFC 1952, with a file name as padding
_END = b"\x03\0"  # RFC 1951: an empty last block


class Anybody:
    """Replaces the user while a shared page is rendered."""

    is_authenticated = True
    pk = NUMBER

    def get_username(self) -> str:
        return NAME


class AnyRequest(NamedTuple):
    user: Anybody = Anybody()
    session_left: str = LEFT


class TeamShown(NamedTuple):
    """The attributes of a team that pages around a job show."""

    slug: str
    name: str
    is_sandbox: bool | None
    workspace_name: str
    is_managed: bool

    @classmethod
    def of(cls, team: Team) -> "TeamShown":
        return cls(team.slug, team.name, team.is_sandbox, team.workspace_name, team.is_managed)


@dataclass(frozen=True, slots=True)
class SharedPage:
    """The `pieces` of a page, with the placeholders `between` them; `packed` has the compressed ones."""

    pieces: tuple[bytes, ...]
    between: tuple[str, ...]
    packed: tuple[bytes, ...]

    @property
    def size(self) -> int:
        return sum(map(len, (*self.pieces, *self.packed)))

    def plain(self, own: Mapping[str, bytes]) -> bytes:
        fillings = (*(own[hole] for hole in self.between), b"")
        return b"".join(part for pair in zip(self.pieces, fillings, strict=True) for part in pair)

    def gzip(self, own: Mapping[str, bytes]) -> bytes:
        """The page compressed. Personal parts are inserted uncompressed, so that nothing is compressed again."""
        plain = self.plain(own)
        fillings = (*(_stored(own[hole]) for hole in self.between), _END)
        packed = (part for pair in zip(self.packed, fillings, strict=True) for part in pair)
        padding = b"a" * random.randint(0, PADDING)
        return b"".join((_GZIP, padding, _NAMED, *packed, struct.pack("<LL", zlib.crc32(plain), len(plain))))


_pages: RenderCache[SharedPage] = RenderCache(KEPT, lambda page: page.size, "pages")


def response(
    request: Request, template: str, context: Mapping[str, Hashable], status: int = 200, watch_ms: int = 0
) -> HttpResponse:
    """A page from `context`, all of which is in the cache key. `watch_ms`: the polling interval, set per response."""
    if len(messages.get_messages(request)):
        return render(request, template, {**context, "watch_ms": watch_ms}, status=status)
    key = (template, get_language(), *context.items())
    page = _pages.get(key, lambda: _made(template, context))
    own: dict[str, str] = {
        CSRF: get_token(request),
        NAME: escape(request.user.get_username()),
        NUMBER: str(request.user.pk),
        LEFT: str(request.session_left),
        WATCH: str(watch_ms),
    }
    fillings = {hole: text.encode() for hole, text in own.items()}
    packs = accepts_gzip(request)
    answer = HttpResponse(page.gzip(fillings) if packs else page.plain(fillings), status=status)
    if packs:
        answer.headers["Content-Encoding"] = "gzip"
    patch_vary_headers(answer, ["Accept-Encoding"])
    return answer


def _made(template: str, context: Mapping[str, Any]) -> SharedPage:
    text = render_to_string(template, {**context, "request": AnyRequest(), "csrf_token": CSRF, "watch_ms": WATCH})
    parts = _hole.split(text)
    pieces = tuple(part.encode() for part in parts[::2])
    between = tuple(parts[1::2])
    return SharedPage(pieces, between, tuple(_packed(pieces, between)))


def _packed(pieces: Sequence[bytes], between: Sequence[str]) -> Iterator[bytes]:
    """The compressed pieces of one stream, each in whole bytes.

    A placeholder of known length is compressed as bytes that occur in no text, so that later data never refers to it.
    After any other placeholder, compression starts again.
    """
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    for piece, hole in zip_longest(pieces, between):
        packed = packer.compress(piece)
        if hole == CSRF:
            yield packed + packer.flush(zlib.Z_SYNC_FLUSH)
            packer.compress(b"\xff" * CSRF_TOKEN_LENGTH)  # a byte that does not occur in UTF-8
            packer.flush(zlib.Z_SYNC_FLUSH)
        else:
            yield packed + packer.flush(zlib.Z_FULL_FLUSH)


def _stored(filling: bytes) -> bytes:
    """An uncompressed block (RFC 1951, 3.2.4)."""
    return struct.pack("<BHH", 0, len(filling), len(filling) ^ 0xFFFF) + filling
