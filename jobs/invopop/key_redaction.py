"""Removes the API key from API responses, in any encoding.

It finds any part of the key of about sixteen characters: plain, in different case, in JSON, percent or HTML escapes, in
hex, in base64 of any alphabet and offset (after `Bearer …`), and split over adjacent strings. For speed the text is
normalized first (escapes.py): escapes are decoded, letters folded, everything but letters and digits dropped. The rest
is compared eight characters at a time, in C.

Only after a match is the text read again, slowly, piece by piece, with the position of each character.
"""

import json
import re
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Iterator
from itertools import compress, islice, repeat
from operator import not_
from typing import Any

from jobs.invopop import responses
from jobs.invopop.errors import Unusable
from jobs.invopop.escapes import Mapped, decoded, letters_and_digits
from jobs.invopop.transport import Token

LEFT_OUT = b"[redacted]"
SHORTEST = 12  # consecutive letters and digits; of sixteen characters of a key, a few may be neither
GRAM = 8  # letters and digits compared at once: the width of an integer
STEP = 4  # between two comparisons, so that no run of SHORTEST is missed
BLOCK = 262_144  # bytes split into strings at once
PIECE, OVERLAP = 16_384, 2_048  # bytes read slowly at once, and the overlap with the next piece
READ_SLOWLY = 600_000  # bytes; a response with the key in so many places is not a job
MOST_SIGNATURES = 20_000  # signatures distinguished from the key; further ones are searched like other text

_after_key = re.compile(rb"[ \t\r\n]*+:")
_padding = re.compile(rb"={1,2}")
_ANOTHER_JWT = rb"[\w-]{0,400}\.[\w-]{16,}\.[\w-]{16,}"  # the rest of another JWT with the same header
_whole_jwt = re.compile(rb"[\w-]{16,400}\.[\w-]{16,8000}\.[\w-]{16}")
# Only at the start of a word, or after an escaped line break, so that each character is read once.
_compact_jws = re.compile(rb"(?:(?<![\w.-])|(?<=\\[nrt]))(eyJ[\w-]++)\.([\w-]++)\.[\w-]++")

Spans = list[tuple[int, int]]


def redacted(body: bytes, token: Token) -> bytes:
    """The JSON without the key. Raises Unusable if it cannot be removed."""
    key = token.reveal().encode()
    if len(letters_and_digits(key)) < GRAM:
        return body.replace(key, LEFT_OUT) if key else body
    needles = _Needles(key)
    clean = body
    if needles.are_in(searched := _without_signatures(body, needles)):
        clean = _without(body, _spans(searched, needles))
        searched = _without_signatures(clean, needles)
    if needles.have_a_run(_values(searched)):
        clean = _without(clean, _spans(searched, needles, is_split=True))
        if needles.have_a_run(_values(_without_signatures(clean, needles))):
            raise Unusable("api key in the answer")
    return clean if clean is body else responses.json_object(clean)


class _Needles:
    """The search patterns: every eight consecutive letters and digits of every form of the key."""

    def __init__(self, key: bytes) -> None:
        forms = [*map(letters_and_digits, _forms(key))]
        self.head = _head(key)
        self.shortest = min(SHORTEST, len(forms[0]))
        self.grams = _grams(*forms)
        # All JWTs of a kind begin alike, including a document's signature, so the beginning alone reveals nothing.
        self._telling = self.grams - _grams(letters_and_digits(self.head + b".eyJ"))
        self._claims = _claims(key)
        # Without its header and claims, which a document's signature may share.
        self._secret = self.grams - _grams(letters_and_digits(key.rpartition(b".")[0]))
        self._bare_head = re.compile(re.escape(self.head[:16]) + rb"(?!" + _ANOTHER_JWT + rb")") if self.head else None

    def are_in(self, text: bytes) -> bool:
        """A quick check without false negatives."""
        if self._bare_head and self._bare_head.search(text):
            return True
        plain = letters_and_digits(decoded(text))
        return not all(self._telling.isdisjoint(_whole_grams(plain[at:])) for at in range(0, GRAM, STEP))

    @property
    def are_a_jwt(self) -> bool:
        return self._claims is not None

    def share_only_claims_with(self, jws: bytes) -> bool:
        """Whether the JWT is not the key: they share only common text of claims, such as `","iat":17`.

        It contains no part of the key's signature, or of the key in another encoding.
        """
        claims = _claims(jws)
        if claims is None or claims == self._claims:
            return False
        plain = letters_and_digits(jws)
        return not any(self.runs(plain, self._secret))

    def have_a_run(self, text: bytes) -> bool:
        """Whether the match of `are_in` is more than a few letters."""
        return self.are_in(text) and any(self.runs(letters_and_digits(decoded(text)), self._telling))

    def runs(self, plain: bytes, grams: set[int]) -> Iterator[tuple[int, int]]:
        """(start, end) of each stretch of plain text made of the key."""
        start = end = -GRAM
        for at in _places(plain, grams):
            if at > end - GRAM + 1:
                if end - start >= self.shortest:
                    yield start, end
                start = at
            end = at + GRAM
        if end - start >= self.shortest:
            yield start, end


def _without_signatures(body: bytes, needles: _Needles) -> bytes:
    """The body with spaces in place of each compact JWS that is not the key; same length."""
    if not needles.are_a_jwt or b"eyJ" not in body:
        return body
    pieces, last = [], 0
    for jws in islice(_compact_jws.finditer(body), MOST_SIGNATURES):
        if needles.share_only_claims_with(jws[0]):
            pieces += [body[last : jws.start()], b" " * len(jws[0])]
            last = jws.end()
    return b"".join([*pieces, body[last:]]) if pieces else body


def _spans(body: bytes, needles: _Needles, *, is_split: bool = False) -> Spans:
    """The positions of the key inside strings, without their quotation marks.

    `is_split`: also across several values with the names of members between them.
    """
    text = _without_escaped_quotes(body)
    found: set[tuple[int, int]] = set()
    read, is_inside, counted = 0, False, 0
    for start in range(0, len(body), PIECE):
        is_inside ^= bool(text.count(b'"', counted, start) % 2)
        counted, end = start, min(len(body), start + PIECE + OVERLAP)
        if not is_split and not needles.are_in(body[start:end]):
            continue
        source = _reading(body, text, start, end, is_inside, is_split)
        if not needles.are_in(source):
            continue
        read += len(source)
        if read > READ_SLOWLY:
            raise Unusable("api key in the answer")
        found.update(_found(body, text, source, start, needles))
    return _merged(sorted(found))


def _reading(body: bytes, text: bytes, start: int, end: int, is_inside: bool, only_values: bool) -> bytes:
    """The strings of a piece, with or without names of members; everything else is replaced by spaces."""
    strings, at = [], start
    for part in text[start:end].split(b'"'):
        after = at + len(part)
        is_read = is_inside and not (only_values and _after_key.match(text, after + 1))
        strings.append(body[at:after] + b" " if is_read else b" " * (len(part) + 1))
        at, is_inside = after + 1, not is_inside
    return b"".join(strings)[:-1]


def _found(body: bytes, text: bytes, source: bytes, at: int, needles: _Needles) -> Iterator[tuple[int, int]]:
    piece = Mapped(source, at)
    for first, last in needles.runs(piece.plain, needles.grams):
        starts, ends = piece.starts[first:last], piece.ends[first:last]
        if not _is_another_jwt(body, starts[0], ends[-1], needles):
            yield from _within_strings(body, text, starts, ends)


def _is_another_jwt(body: bytes, start: int, end: int, needles: _Needles) -> bool:
    """Whether only the common beginning of such keys matches, and continues as another token."""
    encoded, head = body[start:end], needles.head
    is_usual = head.startswith(encoded) or (encoded.startswith(head) and len(encoded) < len(head) + SHORTEST)
    return is_usual and _whole_jwt.match(body, start) is not None


def _within_strings(body: bytes, text: bytes, starts: list[int], ends: list[int]) -> Iterator[tuple[int, int]]:
    first = starts[0]
    for end, start in zip(ends, starts[1:], strict=False):
        if start > end and b'"' in text[end:start]:
            yield first, end
            first = start
    padding = _padding.match(body, ends[-1])
    yield first, padding.end() if padding else ends[-1]


def _merged(spans: Spans) -> Spans:
    merged: Spans = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _without(body: bytes, spans: Spans) -> bytes:
    pieces, last = [], 0
    for start, end in spans:
        pieces += [body[last:start], LEFT_OUT]
        last = end
    return b"".join([*pieces, body[last:]])


def _forms(key: bytes) -> Iterator[bytes]:
    """The key first. In base64, only characters that do not depend on what precedes."""
    yield key
    yield key.hex().encode()
    for before, cut in ((0, 0), (1, 2), (2, 3)):
        yield b64encode(b"\0" * before + key)[cut:]


def _claims(jws: bytes) -> dict[str, Any] | None:
    """The claims of a compact JWS, if both its parts are JSON objects."""
    parts = jws.split(b".")
    if len(parts) != 3:
        return None
    try:
        header, claims = (json.loads(urlsafe_b64decode(part + b"=" * (-len(part) % 4))) for part in parts[:2])
    except (ValueError, RecursionError):
        return None
    return claims if isinstance(header, dict) and isinstance(claims, dict) else None


def _head(key: bytes) -> bytes:
    """The header part of a JWT; empty for another key."""
    head, dot, _ = key.partition(b".")
    try:
        is_json = urlsafe_b64decode(head + b"=" * (-len(head) % 4)).startswith(b"{")
    except ValueError:
        return b""
    return head if dot and is_json and len(head) >= 16 else b""


def _values(body: bytes) -> bytes:
    """Strings that are not member names, joined."""
    return b"".join(_values_by_block(_without_escaped_quotes(body))).replace(b"\1", b"\\")


def _values_by_block(text: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(text):
        end = _outside(text, start, start + BLOCK)
        parts = text[start:end].split(b'"')
        is_key = map(bytes.startswith, map(bytes.lstrip, parts[2::2]), repeat(b":"))
        yield b"".join(compress(parts[1::2], map(not_, is_key)))
        start = end


def _outside(text: bytes, start: int, at: int) -> int:
    """The first position from `at` where a string begins, if none is open at `start`; otherwise the end."""
    quote = text.find(b'"', at)
    if quote >= 0 and text.count(b'"', start, quote) % 2:
        quote = text.find(b'"', quote + 1)
    return quote if quote >= 0 else len(text)


def _without_escaped_quotes(body: bytes) -> bytes:
    """The body at the same length; every quotation mark left starts or ends a string."""
    return body.replace(b"\\\\", b"\1\1").replace(b'\\"', b"\2\2") if b"\\" in body else body


def _whole_grams(plain: bytes) -> memoryview:
    return memoryview(plain[: len(plain) // GRAM * GRAM]).cast("Q")


def _grams(*plains: bytes) -> set[int]:
    return set[int]().union(*(_whole_grams(plain[at:]) for plain in plains for at in range(GRAM)))


def _places(plain: bytes, grams: set[int]) -> list[int]:
    """Positions of the grams, in order."""
    return sorted(
        at + GRAM * number
        for at in range(GRAM)
        for number, gram in enumerate(_whole_grams(plain[at:]))
        if gram in grams
    )
