"""The codes in a failure."""

import pytest

from jobs.diagnosis.failure_codes import CODES, in_words, named_codes
from tests.diagnosis.messages import found


@pytest.mark.parametrize(
    "message",
    [
        "lot 4102 was taken",
        "total 4102.50",
        "[41021]",
        "14102",
        "4102/2026",
        "error 4102.50",
        "ref A-4102",
        "4102 EUR of 4102",
    ][:7],
)
def test_a_code_inside_a_longer_number_is_not_found(message: str) -> None:
    assert found("verifactu.send", "", message) is None


def test_an_authority_code_stands_alone_even_if_the_message_names_others() -> None:
    assert named_codes("4104", "error 1110: no such NIF") == {"4104"}


@pytest.mark.parametrize("own", ["", "validation", "500", "99", "01", "-1"])
def test_the_message_is_read_too_when_the_code_is_a_word_or_status(own: str) -> None:
    assert named_codes(own, "error 1110: no such NIF") == {own, "1110"}


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("[4104] no such NIF", "4104"),
        ("Código: 1110. NIF", "1110"),
        ("<CodigoErrorRegistro>3000</CodigoErrorRegistro>", "3000"),
        ("Regla: FAJ43b, Notificación", "faj43b"),
        ("CFDI40126 - El UsoCFDI", "cfdi40126"),
        ("EBMS:0004 Other", "ebms:0004"),
        ("Codigo-Respuesta: B4_2000003", "b4_2000003"),
        ("cStat=204 xMotivo=Duplicidade", "204"),
        ("Błąd 450: semantyka", "450"),
        ("Fehler 4102: Feld fehlt", "4102"),
        ("Erreur 213", "213"),
        ("Σφάλμα 301: δεν βρέθηκε", "301"),
        ("Eroare 500", "500"),
    ],
)
def test_a_number_is_a_code_only_in_a_codes_position(message: str, code: str) -> None:
    assert code in named_codes("", message)


def test_a_message_yields_a_limited_number_of_codes() -> None:
    numbers = " ".join(f"[{number}]" for number in range(1_000, 2_000))
    words = " ".join(f"A{number}" for number in range(1_000))
    assert len(named_codes("", numbers + words)) <= 2 * CODES + 1


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("DUPLICATE_INVOICE", "duplicate invoice"),
        ("DuplicateInvoice", "duplicate invoice"),
        ("token.expired", "token expired"),
        ("not-accepted", "not accepted"),
        (" No autorizado ", "no autorizado"),
        ("4102", ""),
        ("B4_2000003", ""),
        ("HTTP/500", ""),
        ("", ""),
        ("_" * 500, ""),
    ],
)
def test_a_code_of_words_is_read_as_words(code: str, words: str) -> None:
    assert in_words(code) == words
