"""Durations, sizes, money, percentages and invisible characters, as people read them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from jobs import formatting
from jobs.presenters.text_budget import Text
from jobs.templatetags import jobs as tags


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.012, "12 ms"),
        (0.9994, "999 ms"),
        (3.961, "3.96 s"),
        (59.9, "59.9 s"),
        (124, "2 min 04 s"),
        (43_933, "12 h 12 min"),
        (86_400 * 3 + 3_600 * 4, "3 d 04 h"),
        (86_400 * 900, "900 d 00 h"),
        (-1, ""),
    ],
)
def test_a_duration_is_said_in_the_unit_that_can_be_read(seconds: float, said: str) -> None:
    assert formatting.duration(timedelta(seconds=seconds)) == said


def test_an_unknown_duration_says_nothing() -> None:
    assert formatting.duration(None) == ""


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (57_400, "57 kB"), (734_003_200, "734 MB"), (10**18, "1000000 TB")],
)
def test_a_size_is_said_in_decimal_units(count: int, said: str) -> None:
    assert formatting.size(count) == said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("21.0%", "21%"),
        ("5.20%", "5.2%"),
        ("100%", "100%"),
        ("-0.5%", "-0.5%"),
        ("0.0%", "0%"),
        ("", ""),
        ("1e9%", "1e9%"),
    ],
)
def test_a_percentage_is_written_without_needless_decimals(given: str, said: str) -> None:
    assert formatting.percent(given) == said


def test_a_percentage_has_the_separator_of_the_language() -> None:
    with translation.override("es"):
        assert formatting.percent("5.20%").startswith("5,2")


def test_numbers_follow_the_language() -> None:
    with translation.override("es"):
        assert formatting.duration(timedelta(seconds=3.961)) == "3,96 s"
        assert formatting.money("1970.20", Decimal("1970.20"), "EUR") == "1\xa0970,20 EUR"
        assert "1\xa0234 caracteres en total" in tags.text(Text("a", 1_234))
    assert "1,234 characters in all" in tags.text(Text("a", 1_234))


def test_an_amount_that_is_no_number_stays_as_it_came() -> None:
    assert formatting.money("1e999", None, "EUR") == "1e999 EUR"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("invoice\u202efdp.exe", "invoice\u27e6right-to-left override\u27e7fdp.exe"),
        ("a\u200bb", "a\u27e6zero width space\u27e7b"),
        ("a\x1b[31mb", "a\u27e6U+001B\u27e7[31mb"),
        ("two\nlines", "two\nlines"),
        ("ordinary ñ ü 😀", "ordinary ñ ü 😀"),
    ],
)
def test_what_cannot_be_seen_is_named(text: str, seen: str) -> None:
    assert formatting.visible(text).lower() == seen.lower()


def test_letters_with_too_many_marks_keep_three() -> None:
    assert len(formatting.visible("e" + "\u0301" * 500)) == 5
