"""Escapes of JSON, percent encoding and HTML: decoded in any nesting, with the place of each character."""

import pytest

from jobs.invopop.errors import Unusable
from jobs.invopop.escapes import MOST_ESCAPES, Mapped, decoded, letters_and_digits

ESCAPED_K = [
    "\\u006b", "\\x6b", "%6b", "%u006b", "&#107;", "&#x6B;", "&#107",
    "\\\\u006b", "%256b", "&amp;#107;", "&#38;#107;", "\\u0025\\u0036b",
]  # fmt: skip


@pytest.mark.parametrize("escape", ESCAPED_K)
def test_each_escape_is_decoded_also_inside_another(escape: str) -> None:
    text = f"a{escape}z".encode()
    assert letters_and_digits(decoded(text)) == b"akz"
    assert Mapped(text, 0).plain == b"akz"


@pytest.mark.parametrize("escape", ["\\n", "\\u200b", "&nbsp;", "\\u00e9"])
def test_what_is_no_letter_or_digit_leaves_no_trace(escape: str) -> None:
    text = f"a{escape}z".encode()
    assert Mapped(text, 0).plain == b"az"


def test_case_and_punctuation_do_not_matter() -> None:
    assert letters_and_digits("Ab-3_é.".encode()) == b"ab3"


@pytest.mark.parametrize("escape", ["k", *ESCAPED_K])
def test_each_character_is_at_the_place_of_its_escape(escape: str) -> None:
    found = Mapped(f"a-{escape}.z".encode(), 10)
    assert list(zip(found.plain.decode(), found.starts, found.ends, strict=True)) == [
        ("a", 10, 11),
        ("k", 12, 12 + len(escape)),
        ("z", 13 + len(escape), 14 + len(escape)),
    ]


def test_a_text_with_too_many_escapes_is_refused() -> None:
    assert decoded(b"%41" * 10) == b"A" * 10
    with pytest.raises(Unusable):
        decoded(b"%41" * (MOST_ESCAPES + 1))
