"""Words, lengths, sizes and invisible characters, as people read them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from jobs import wording
from jobs.clipping import LEAST, Scissors, Text
from jobs.document import Document
from jobs.invopop import files
from jobs.invopop.payload import Attachment
from jobs.outcome import Outcome
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
    assert wording.duration(timedelta(seconds=seconds)) == said


def test_an_unknown_duration_says_nothing() -> None:
    assert wording.duration(None) == ""


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (57_400, "57 kB"), (734_003_200, "734 MB"), (10**18, "1000000 TB")],
)
def test_a_size_is_said_in_decimal_units(count: int, said: str) -> None:
    assert wording.size(count) == said


def test_numbers_follow_the_language() -> None:
    with translation.override("es"):
        assert wording.duration(timedelta(seconds=3.961)) == "3,96 s"
        assert wording.money("1970.20", Decimal("1970.20"), "EUR") == "1\xa0970,20 EUR"
        assert "1\xa0234 caracteres en total" in tags.text(Text("a", 1_234))
    assert "1,234 characters in all" in tags.text(Text("a", 1_234))


@pytest.mark.parametrize(
    ("mime", "english", "spanish"),
    [("application/pdf", "PDF", "PDF"), ("text/html", "Web page", "Página web"), ("x", "File", "Archivo")],
)
def test_what_a_file_is_is_said_in_the_language_of_the_page(mime: str, english: str, spanish: str) -> None:
    kind = files.kind(Attachment(mime=mime))
    assert str(wording.KINDS[kind]) == english
    with translation.override("es"):
        assert str(wording.KINDS[kind]) == spanish


def test_every_kind_of_file_has_a_word() -> None:
    assert {kind for kind, _ in files._TYPES.values()} | {"file"} == wording.KINDS.keys()


def test_an_amount_that_is_no_number_stays_as_it_came() -> None:
    assert wording.money("1e999", None, "EUR") == "1e999 EUR"


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
    assert wording.visible(text).lower() == seen.lower()


def test_letters_with_too_many_marks_keep_three() -> None:
    assert len(wording.visible("e" + "\u0301" * 500)) == 5


def test_every_outcome_and_document_word_has_a_label_an_icon_and_a_tone() -> None:
    for word in (*map(wording.outcome, Outcome), *map(wording.document, Document)):
        assert word.label
        assert word.icon
        assert word.tone
    assert {str(each) for each in Outcome} == set(wording.OUTCOMES)
    assert {str(each) for each in Document} == set(wording.DOCUMENTS)


def test_a_word_we_do_not_know_is_shown_as_it_came_and_neutral() -> None:
    word = wording.event("SIGNED")
    assert (word.label, word.tone) == ("SIGNED", "off")
    assert wording.event("ok") == wording.event("OK")


def test_a_long_text_is_cut_and_says_its_true_length() -> None:
    cut = Scissors().text("x" * 20_000)
    assert (len(cut.shown), cut.whole) == (2_000, 20_000)


def test_a_full_page_cuts_shorter_but_never_to_nothing() -> None:
    scissors = Scissors(left=1_000)
    texts = [scissors.text("<" * 5_000) for _ in range(20)]
    assert len(texts[-1].shown) == LEAST
