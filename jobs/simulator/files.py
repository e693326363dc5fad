"""The files of a job, generated on request and always with the same bytes: PDF, XML, zip, images, text.

They are generated in pieces, so that 700 MB need no memory, and have exactly the size stated in the job.
"""

import hashlib
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

PIECE = 1 << 18  # bytes returned at a time


@dataclass(frozen=True, slots=True)
class Content:
    """The parameters of a file. `sha256` is given for files too large to hash on request."""

    name: str
    mime: str
    size: int  # bytes
    seed: str = ""
    sha256: str = ""


def pieces(content: Content) -> Iterator[bytes]:
    """The bytes in pieces of at most PIECE, with a total of `content.size`."""
    left = content.size
    for piece in _MAKERS.get(content.mime, _plain)(content):
        if len(piece) >= left:
            yield piece[:left]
            return
        left -= len(piece)
        yield piece


@lru_cache(maxsize=4096)
def sha256(content: Content) -> str:
    """The SHA-256 of the bytes, hexadecimal."""
    if content.sha256:
        return content.sha256
    digest = hashlib.sha256()
    for piece in pieces(content):
        digest.update(piece)
    return digest.hexdigest()


def _filling(size: int, byte: bytes = b" ") -> Iterator[bytes]:
    block = byte * min(size, PIECE)
    for start in range(0, size, PIECE):
        yield block[: size - start]


def _around(content: Content, head: bytes, tail: bytes, byte: bytes = b" ") -> Iterator[bytes]:
    """The head, filling up to the size, and the tail; cut if there is no room for both."""
    yield head
    yield from _filling(max(0, content.size - len(head) - len(tail)), byte)
    yield tail


def _plain(content: Content) -> Iterator[bytes]:
    return _around(
        content, f"{content.name}\nAn invented file of a simulated job. {content.seed}\n".encode(), b"\n", b"."
    )


def _xml(content: Content) -> Iterator[bytes]:
    name = content.name.replace("&", "&amp;").replace("<", "&lt;").encode()
    head = b'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:simulated:document">\n  <File>' + name
    return _around(content, head + b"</File>\n  <!-- " + _seed(content) + b" ", b" -->\n</Document>\n", b".")


def _json(content: Content) -> Iterator[bytes]:
    return _around(content, b'{"simulated": true, "seed": "' + _seed(content) + b'"', b"}\n")


def _pdf(content: Content) -> Iterator[bytes]:
    """One page with the name of the file; an unused stream fills it up to the size."""
    title = content.name.encode("latin-1", "replace").translate(None, b"()\\")
    drawing = (
        b"BT /F1 18 Tf 56 780 Td ("
        + title
        + b") Tj 0 -28 Td /F1 11 Tf (Simulated document, nothing in it is real.) Tj ET"
    )
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Font << /F1 5 0 R >> >>",
    ]
    head = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n% " + _seed(content) + b"\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(head))
        head += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    return _padded_pdf(content, head, offsets)


def _padded_pdf(content: Content, head: bytes, offsets: list[int]) -> Iterator[bytes]:
    opening, closing = b"7 0 obj\n<< /Length %010d >>\nstream\n", b"\nendstream\nendobj\n"
    offsets = [*offsets, len(head)]
    table = b"xref\n0 8\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    end = table + b"trailer\n<< /Size 8 /Root 1 0 R >>\nstartxref\n%010d\n%%%%EOF\n"
    fixed = len(head) + len(opening % 0) + len(closing) + len(end % 0)
    padding = max(0, content.size - fixed)
    start = len(head) + len(opening % 0) + padding + len(closing)
    yield head + opening % padding
    yield from _filling(padding)
    yield closing + end % start


def _zip(content: Content) -> Iterator[bytes]:
    """One stored member, followed by its checksum, as in streamed zips."""
    name = b"catalogue.txt"
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 8, 0, 0, 0x5C41, 0, 0, 0, len(name), 0) + name
    length = max(0, content.size - len(local) - 16 - (46 + len(name)) - 22)
    yield local
    checksum = 0
    for piece in _filling(length, b"."):
        checksum = zlib.crc32(piece, checksum)
        yield piece
    sizes = (checksum, length, length)
    central = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 8, 0, 0, 0x5C41, *sizes, len(name), 0, 0, 0, 0, 0, 0) + name
    start = len(local) + length + 16
    yield struct.pack("<4s3L", b"PK\7\x08", *sizes) + central
    yield struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(central), start, 0)


def _jpeg(content: Content) -> Iterator[bytes]:
    """One grey block; comment segments fill it up to the size."""
    left = max(0, content.size - len(_JPEG))
    yield _JPEG[:2]
    while left >= 4:
        inside = min(left - 4, 0xFFFD - 4)
        inside -= 4 if 0 < left - 4 - inside < 4 else 0
        yield b"\xff\xfe" + struct.pack(">H", inside + 2) + b" " * inside
        left -= inside + 4
    yield _JPEG[2:]
    yield b"\0" * left


def _png(content: Content) -> Iterator[bytes]:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))

    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">2L5B", 1, 1, 8, 0, 0, 0, 0))
    tail = chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")
    room = content.size - len(head) - len(tail) - 12
    yield head + (chunk(b"tEXt", b"Comment\0" + b" " * (room - 8)) if room >= 8 else b"")
    yield tail


def _seed(content: Content) -> bytes:
    return hashlib.sha256(content.seed.encode()).hexdigest()[:16].encode()


def _quantised() -> bytes:
    """A JPEG of 8 by 8 grey pixels: one table of each kind and one block without detail."""
    table = b"\xff\xdb\x00\x43\x00" + b"\x01" * 64
    frame = b"\xff\xc0\x00\x0b\x08\x00\x08\x00\x08\x01\x01\x11\x00"
    direct = b"\xff\xc4\x00\x14\x00\x01" + b"\0" * 15 + b"\x00"
    rest = b"\xff\xc4\x00\x14\x10\x01" + b"\0" * 15 + b"\x00"
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"
    return b"\xff\xd8" + table + frame + direct + rest + scan + b"\x3f" + b"\xff\xd9"


_JPEG = _quantised()
_MAKERS = {
    "application/pdf": _pdf, "application/xml": _xml, "text/xml": _xml, "application/zip": _zip, "image/jpeg": _jpeg,
    "image/png": _png, "application/json": _json,
}  # fmt: skip
