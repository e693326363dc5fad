"""The bytes of simulated files: of the stated size, deterministic, and of the right type."""

import hashlib
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest

from jobs.simulator.files import PIECE, Content, pieces, sha256

SIZES = (0, 1, 13, 900, 2048, 20480, PIECE + 77)
MIMES = (
    "application/pdf",
    "application/xml",
    "application/zip",
    "image/jpeg",
    "image/png",
    "application/json",
    "text/plain",
    "text/html",
    "x/unknown",
)


def made(mime: str, size: int, name: str = "file") -> bytes:
    return b"".join(pieces(Content(name, mime, size, "seed")))


@pytest.mark.parametrize("mime", MIMES)
@pytest.mark.parametrize("size", SIZES)
def test_a_file_matches_its_stated_size_and_hash(mime: str, size: int) -> None:
    data = made(mime, size)
    assert len(data) == size
    assert hashlib.sha256(data).hexdigest() == sha256(Content("file", mime, size, "seed"))


@pytest.mark.parametrize("size", [2048, 60_218, PIECE * 3 + 5])
def test_every_pdf_object_is_at_its_listed_offset(size: int) -> None:
    data = made("application/pdf", size, "Factura (1) \\ ñ.pdf")
    table = int(re.findall(rb"startxref\n(\d+)\n%%EOF\n$", data)[0])
    assert data.startswith(b"%PDF-1.4")
    assert data[table : table + 4] == b"xref"
    offsets = [int(line[:10]) for line in data[table:].split(b"\n")[3:10]]
    assert all(data[offset:].startswith(b"%d 0 obj" % number) for number, offset in enumerate(offsets, 1))


@pytest.mark.parametrize("size", [500, 40_000, PIECE * 2 + 9])
def test_a_zip_opens_and_its_checksum_matches(size: int) -> None:
    with zipfile.ZipFile(io.BytesIO(made("application/zip", size))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["catalogue.txt"]


@pytest.mark.parametrize("size", [400, 6241, PIECE + 1])
def test_an_xml_is_well_formed(size: int) -> None:
    assert ET.fromstring(made("application/xml", size, "a<b>&c.xml")).tag.endswith("Document")


@pytest.mark.parametrize("size", [400, 65_536, 70_003, 640_512])
def test_a_jpeg_is_a_sequence_of_segments(size: int) -> None:
    data = made("image/jpeg", size)
    markers = list(segments(data))
    assert data[:2] == b"\xff\xd8"
    assert data.endswith(b"\xff\xd9")
    assert markers[-5:] == [0xDB, 0xC0, 0xC4, 0xC4, 0xDA]


def segments(data: bytes) -> Iterator[int]:
    at = 2
    while True:
        assert data[at] == 0xFF
        yield data[at + 1]
        if data[at + 1] == 0xDA:
            return
        at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]


def test_png_chunks_have_correct_checksums() -> None:
    data, at, kinds = made("image/png", 2048), 8, []
    while at < len(data):
        length = struct.unpack(">L", data[at : at + 4])[0]
        body = data[at + 4 : at + 8 + length]
        assert zlib.crc32(body) == struct.unpack(">L", data[at + 8 + length : at + 12 + length])[0]
        kinds.append(body[:4])
        at += 12 + length
    assert kinds == [b"IHDR", b"tEXt", b"IDAT", b"IEND"]


def test_files_are_deterministic_and_distinct() -> None:
    assert made("application/pdf", 5000) == made("application/pdf", 5000)
    assert sha256(Content("a.pdf", "application/pdf", 5000, "1")) != sha256(
        Content("a.pdf", "application/pdf", 5000, "2")
    )


def test_700_mb_are_generated_in_small_pieces_with_the_stated_hash() -> None:
    from jobs.simulator import scenarios

    file = next(file for one in scenarios() for file in one.files if file.key == "huge")
    digest, longest = hashlib.sha256(), 0
    for piece in pieces(Content(file.name, file.mime, file.size)):
        digest.update(piece)
        longest = max(longest, len(piece))
    assert digest.hexdigest() == file.sha256
    assert longest <= PIECE
