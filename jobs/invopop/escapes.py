"""A text as its letters and digits, whatever their escapes in JSON, percent encoding or HTML, also nested."""

import re
from itertools import compress

from jobs.invopop.errors import Unusable

MOST_ESCAPES = 300_000  # unnecessary escapes of letters and digits
ROUNDS = 3  # nested escapes

_ANY = bytes(range(256))
_FOLDED = _ANY.lower()
_DROPPED = bytes(code for code in _ANY if not (code < 128 and chr(code).isalnum()))
_IS_DROPPED = [code in _DROPPED for code in _ANY]
# Each escape begins with a distinct character, so a text without that character is searched quickly.
_UNICODE = rb"\\(?:u00|x)([2-7][0-9a-fA-F])"
_PERCENT = rb"%(?:u00)?([2-7][0-9a-fA-F])"
_ENTITY = rb"&(?:#[xX]0{0,9}([2-7][0-9a-fA-F]);?|#0{0,9}([0-9]{2,3});?|([A-Za-z]{2,6});)"
_escapes = tuple(map(re.compile, (_UNICODE, _PERCENT, _ENTITY)))
_other_unicode = re.compile(rb"\\u(?!00[2-7])[0-9a-fA-F]{4}")
_every_escape = re.compile(
    rb"\\(?<!\\\\)\\*+(?:u([0-9a-fA-F]{4})|x([2-7][0-9a-fA-F])|[bfnrt])|%(?:25)*+(?:u00)?([2-7][0-9a-fA-F])|"
    + _ENTITY.replace(b"&", b"&(?:amp;)*+", 1)
)
_NAMED = {b"num": b"#", b"percnt": b"%", b"bsol": b"\\", b"amp": b"&", b"semi": b";"}  # these may begin another escape


def letters_and_digits(text: bytes) -> bytes:
    """The ASCII ones, in lower case."""
    return text.translate(_FOLDED, _DROPPED)


def decoded(text: bytes) -> bytes:
    """The text without its escapes. Raises Unusable if far more is escaped than necessary."""
    left = MOST_ESCAPES
    for _ in range(ROUNDS):
        before, text = text, _simplified(text)
        for pattern in _escapes:
            text, count = pattern.subn(_decoded_escape, text, left)
            left -= count
            if left <= 0:
                raise Unusable("too many escapes")
        if text == before:
            break
    return text


class Mapped:
    """The letters and digits of a piece of a text (`plain`), and where each starts and ends in the whole text.

    `at`: where the piece begins.
    """

    def __init__(self, piece: bytes, at: int) -> None:
        text, starts = piece, list(range(at, at + len(piece)))
        ends = list(range(at + 1, at + len(piece) + 1))
        for _ in range(ROUNDS):
            found = list(_every_escape.finditer(text))
            if not found:
                break
            text, starts, ends = _decoded_once(text, starts, ends, found)
        kept = [not _IS_DROPPED[code] for code in text]
        self.plain = letters_and_digits(text)
        self.starts, self.ends = list(compress(starts, kept)), list(compress(ends, kept))


def _decoded_once(
    text: bytes, starts: list[int], ends: list[int], found: list[re.Match[bytes]]
) -> tuple[bytes, list[int], list[int]]:
    pieces: list[bytes] = []
    from_: list[int] = []
    until: list[int] = []
    last = 0
    for escape in found:
        at, after = escape.span()
        pieces += text[last:at], _character(*escape.groups())
        from_ += starts[last : at + 1]
        until += *ends[last:at], ends[after - 1]
        last = after
    return b"".join([*pieces, text[last:]]), from_ + starts[last:], until + ends[last:]


def _simplified(text: bytes) -> bytes:
    """The text without frequent harmless parts that could hide an escape."""
    if b"\\" in text:
        while b"\\\\" in text:
            text = text.replace(b"\\\\", b"\\")
        for escape in (b"\\n", b"\\r", b"\\t", b"\\b", b"\\f", b"\\u003c", b"\\u003e", b"\\u003C", b"\\u003E"):
            text = text.replace(escape, b" ")
        text = _other_unicode.sub(b"", text)
    while b"%25" in text:
        text = text.replace(b"%25", b"%")
    while b"&amp;" in text:
        text = text.replace(b"&amp;", b"&")
    return text


def _decoded_escape(escape: re.Match[bytes]) -> bytes:
    groups = escape.groups()
    return bytes.fromhex(groups[0].decode()) if len(groups) == 1 else _character(None, None, None, *groups)


def _character(
    unicode: bytes | None,
    byte: bytes | None,
    percent: bytes | None,
    hexadecimal: bytes | None,
    decimal: bytes | None,
    name: bytes | None,
) -> bytes:
    """The character of an escape; a space unless it is a printable ASCII character."""
    if name:
        return _NAMED.get(name.lower(), b" ")
    code = int(decimal) if decimal else int(unicode or byte or percent or hexadecimal or b"20", 16)
    return _ANY[code : code + 1] if 0x20 <= code < 0x7F else b" "
