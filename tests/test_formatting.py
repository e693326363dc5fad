"""Durations, sizes, money, percentages and invisible characters, as shown to people."""

import csv
import re
import tracemalloc
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st

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
def test_a_duration_uses_a_readable_unit(seconds: float, said: str) -> None:
    assert formatting.duration(timedelta(seconds=seconds)) == said


def test_an_unknown_duration_is_empty() -> None:
    assert formatting.duration(None) == ""


def test_a_month_begins_with_a_capital_only_where_the_language_wants_it() -> None:
    assert formatting.day(date(2026, 9, 7)) == "7 Sep"
    with translation.override("es"):
        assert formatting.day(date(2026, 9, 7)) == "7 sep"


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (57_400, "57 kB"), (734_003_200, "734 MB"), (10**18, "1000000 TB")],
)
def test_a_size_uses_decimal_units(count: int, said: str) -> None:
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
def test_a_percentage_has_no_trailing_zeros(given: str, said: str) -> None:
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


def test_an_invalid_amount_is_unchanged() -> None:
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
def test_invisible_characters_are_named(text: str, seen: str) -> None:
    assert formatting.visible(text).lower() == seen.lower()


def test_letters_keep_at_most_three_combining_marks() -> None:
    assert len(formatting.visible("e" + "\u0301" * 500)) == 5


CELLS = st.lists(st.text(alphabet="=+-@＝;,\t\r\n\"' \xa0ax1|\0", max_size=12), min_size=1, max_size=4)


class TestTableRow:
    @given(CELLS)
    @example(["x;=HYPERLINK(1)"])
    @example(["x", 'y;"=1'])
    @example(["x\n=1"])
    @example(["x;", "-1"])
    def test_no_cell_is_a_spreadsheet_formula(self, cells: list[str]) -> None:
        """Whatever it separates cells by, it sees none that begins with one, nor with a blank before one."""
        line = formatting.csv_line(cells)
        for separator in (",", ";", "\t"):
            for row in csv.reader(line.splitlines(keepends=True), delimiter=separator):
                assert not [cell for cell in row if cell.lstrip().startswith(("=", "+", "-", "@", "＝"))], separator

    @given(CELLS)
    def test_texts_are_kept(self, cells: list[str]) -> None:
        (row,) = csv.reader([formatting.csv_line(cells)])
        assert [cell.replace("'", "") for cell in row] == [cell.replace("'", "") for cell in cells]

    @pytest.mark.parametrize(
        "cell", ["FS-26-001209", "Gil; and others", "a - b", "1,465.86", "2026-11-29T10:00:00+00:00"]
    )
    def test_an_ordinary_text_is_unchanged(self, cell: str) -> None:
        assert next(csv.reader([formatting.csv_line([cell])])) == [cell]

    @pytest.mark.parametrize("cell", ["\t1", "\r1", "\n1"], ids=ascii)
    def test_no_cell_starts_with_a_character_a_spreadsheet_drops(self, cell: str) -> None:
        assert formatting.csv_line([cell]).lstrip('"').startswith("'")


LETTERS = st.text(alphabet="aAiIıİsSſßkK.- ", min_size=1, max_size=6)


class TestWithout:
    def test_the_longest_word_goes_first_and_only_whole_words(self) -> None:
        assert formatting.without("Ana Gil, Ana, Anais", ["ana", "ANA GIL"], "…") == "…, …, Anais"
        assert formatting.without("Ana and ana", ["Ana"], "…", as_written=True) == "… and ana"

    @given(st.lists(LETTERS, max_size=4), LETTERS, st.booleans())
    def test_it_removes_the_same_as_a_pattern_of_all_words(self, words: list[str], text: str, as_written: bool) -> None:
        text = " ".join([*words, text, *(word.swapcase() for word in words)])
        ordered = sorted(words, key=len, reverse=True)
        pattern = "|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in ordered)
        left = re.sub(pattern, "…", text, flags=0 if as_written else re.IGNORECASE) if words else text
        assert formatting.without(text, words, "…", as_written=as_written) == left

    def test_words_absent_from_the_text_are_not_kept(self) -> None:
        """Of the last hundreds of patterns, `re` keeps each as long as it may be."""
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        for number in range(60):
            formatting.without("nothing of the kind", [f"{number} name {n} " + "x" * 100 for n in range(400)], "…")
        grown = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        assert grown < 1_000_000
