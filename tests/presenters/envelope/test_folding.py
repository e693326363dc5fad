"""Text folded for search, and the place of a hit in the original text."""

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.presenters.envelope.folding import MARKS, PIECE, find, folded
from tests.cpu_limits import processor_time


@pytest.mark.parametrize(
    ("one", "other"),
    [("GARCÍA", "garci\u0301a"), ("Straße", "STRASSE"), ("\u212aelvin", "kelvin"), ("ﬁle", "FILE"), ("İ", "i\u0307")],
)
def test_visually_equal_text_folds_alike(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_a_letter_with_another_accent_is_another_letter() -> None:
    assert folded("año") != folded("ano")


@pytest.mark.parametrize(
    ("text", "sought", "seen"),
    [
        ("Ana García", "garcía", "García"),
        ("Ana Garci\u0301a López", "garcía", "Garci\u0301a"),
        ("eine Straße in Ulm", "strasse", "Straße"),
        ("x" * (PIECE * 3) + "ñandú!", "ñandú", "ñandú"),
        ("e\u0301" * PIECE + "ñandú", "ñandú", "ñandú"),
    ],
)
def test_a_hit_is_at_its_visible_position(text: str, sought: str, seen: str) -> None:
    place = find(text, sought)
    assert place is not None
    assert text[place.start : place.end] == seen


def test_absent_text_is_not_found() -> None:
    assert find("Ana García", "lópez") is None


@given(st.text(), st.text(min_size=1, max_size=5), st.text())
def test_every_substring_is_found_within_the_text(before: str, inside: str, after: str) -> None:
    text = normalize("NFC", before + " " + inside + " " + after)
    place = find(text, folded(" " + normalize("NFC", inside) + " "))
    if place is not None:
        assert 0 <= place.start < place.end <= len(text)
    else:
        assert any(ord(character) > 127 for character in text)


@pytest.mark.budget
def test_many_combining_marks_take_linear_time() -> None:
    with processor_time(1):
        folded("e" + "\u0301\u0323" * 100_000)
    assert MARKS < PIECE
