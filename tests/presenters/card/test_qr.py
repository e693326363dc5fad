"""QR codes are elements with attributes only, if the text fits."""

import xml.etree.ElementTree as ET

import pytest
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
