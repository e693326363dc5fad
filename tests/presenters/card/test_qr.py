"""QR codes are elements with attributes only, if the text fits."""

import re
import string
import xml.etree.ElementTree as ET

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.presenters import card as cards


def test_a_qr_code_is_svg_with_attributes_only() -> None:
    drawn = cards.qr_svg('https://example.com/"><script>alert(1)</script>')
    assert drawn is not None
    assert {element.tag.rpartition("}")[2] for element in ET.fromstring(drawn).iter()} == {"svg", "path"}
    assert "style" not in drawn
    assert "script" not in drawn


@pytest.mark.parametrize("text", ["", "x" * 1_201, "ñ" * 601])
def test_too_long_text_is_not_drawn(text: str) -> None:
    assert cards.qr_svg(text) is None


@settings(deadline=None, max_examples=30)
@given(st.text(max_size=600))
def test_any_text_is_drawn_or_not(text: str) -> None:
    assert cards.qr_svg(text) or len(text.encode("utf-8", "replace")) in (0, *range(1_201, 5_000))


@settings(deadline=None, max_examples=40)
@given(st.text(string.ascii_letters + string.digits + "-._~:/?#&=%+", min_size=1, max_size=500))
def test_a_phone_reads_what_is_drawn(rest: str) -> None:
    text = f"https://qr.example/{rest}"
    assert _read(cards.qr_svg(text) or "") == text.encode()


def test_repetitive_text_can_be_read() -> None:
    for text in ("A" * 900, "7" * 900, "ab" * 400):
        assert _read(cards.qr_svg(text) or "") == text.encode()


def _read(svg: str) -> bytes:
    """What a decoder sees in the drawing at four pixels a module."""
    scale, size = 4, int(re.findall(r"viewBox=\"0 0 (\d+)", svg)[0])
    pixels = bytearray(b"\xff" * (size * scale) ** 2)
    for left, y, dashes in re.findall(r"M(\d+) (\d+)\.5((?:h\d+|m\d+ 0)*)", svg):
        x = int(left)
        for dark, light in re.findall(r"h(\d+)|m(\d+) 0", dashes):
            for line in range(int(y) * scale, (int(y) + 1) * scale) if dark else ():
                start = line * size * scale + x * scale
                pixels[start : start + int(dark) * scale] = bytes(int(dark) * scale)
            x += int(dark or light)
    image = memoryview(bytes(pixels)).cast("B", (size * scale, size * scale))
    found = zxingcpp.read_barcode(image)
    return found.bytes if found else b""
