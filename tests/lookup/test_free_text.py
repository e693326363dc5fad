"""Numbers, names and parts of ids are found in pasted text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.lookup.free_text import LONGEST, NUMBERS, TEXTS, id_part, numbers, texts
from tests.cpu_limits import processor_time


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Factura FS-26-001208 no me ha llegado", ["FS-26-001208"]),
        ("FS-26-001208.pdf", ["FS-26-001208"]),
        ("«FS-26-001208», y también (A/2026/7).", ["FS-26-001208", "A/2026/7"]),
        ("Lucía Ferrándiz Gil", []),
        ("el 2026-10-06 a las 09:15, 1.465,86 EUR y 21% de 06/10/2026", []),
        ("write to ana2026@example.com or https://example.com/2026", []),
        ("12 34 1208", ["1208"]),
        ("", []),
    ],
)
def test_document_numbers_are_distinguished_from_other_figures(text: str, expected: list[str]) -> None:
    assert numbers(text) == expected


def test_multi_word_names_are_among_the_texts() -> None:
    found = texts("¿Dónde está la factura de Lucía Ferrándiz Gil?")
    assert "Lucía Ferrándiz Gil" in found
    assert texts("FS-26-001208.pdf")[0] == "FS-26-001208"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5c76…99434f", ("5c76", "99434f")),
        ("5C76...99434f", ("5c76", "99434f")),
        ("890bc290-ebc5", ("", "890bc290-ebc5")),
        ("99434f", ("", "99434f")),
        ("123456", None),
        ("facade", None),
        ("FS-26-001208", None),
        ("99434", None),
        ("", None),
    ],
)
def test_a_partial_id_is_recognised_by_its_characters(text: str, expected: tuple[str, str] | None) -> None:
    assert id_part(text) == expected


@given(st.text(max_size=2_000))
def test_any_text_is_read_within_limits(text: str) -> None:
    assert len(numbers(text)) <= NUMBERS
    assert len(texts(text)) <= TEXTS
    assert all(3 <= len(each) <= LONGEST for each in texts(text))
    id_part(text)


@pytest.mark.parametrize("unit", ["a", "1", "-", "a1-", ". ", "1 ", "…", "0.", "%"])
def test_fifty_kilobytes_are_read_in_linear_time(unit: str) -> None:
    text = unit * (50_000 // len(unit))
    with processor_time(1):
        numbers(text), texts(text), id_part(text)
