"""Names of GOBL's codes: in the reader's language, complete in each."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.utils import translation

from jobs.presenters import card as cards
from jobs.presenters.card import names
from jobs.presenters.card.names import extension, name
from tests.conftest import Stage
from tests.views.test_envelope import stored

FOLDER = Path(names.__file__).parent
LABEL = "(label)"  # stands for the key of an extension, which has a name itself
INVOICE = {
    "$schema": "https://gobl.org/draft-0/bill/invoice",
    "$regime": "PL",
    "$addons": ["pl-favat-v3"],
    "$tags": ["reverse-charge"],
    "type": "standard",
    "code": "FV-26",
    "tax": {"ext": {"es-verifactu-exempt": "E1"}},
}
STAMPS = [{"prv": "favat-ksef-acquisition-date", "val": "2026-11-25"}]


def _named(table: Any, *above: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """All names of a table, with the codes that lead to them."""
    match table:
        case str():
            yield above, table
        case [label, values]:
            yield (*above, LABEL), label
            yield from _named(values, *above)
        case {}:
            yield above, "(a table)"
            for code, inner in table.items():
                yield from _named(inner, *above, code)


def _read(file: str) -> dict[tuple[str, ...], str]:
    return dict(_named(json.loads((FOLDER / file).read_text("utf-8"))))


def test_every_code_has_a_spanish_name_and_an_english_one() -> None:
    assert _read("names.es.json").keys() == _read("names.json").keys()


@pytest.mark.parametrize("file", ["names.json", "names.es.json"])
def test_no_name_is_empty_or_padded(file: str) -> None:
    assert [codes for codes, text in _read(file).items() if not text or text != text.strip()] == []


def test_a_code_is_named_in_the_active_language() -> None:
    with translation.override("es"):
        assert name("regimes", "PL").text == "Polonia"
        assert name("means", "credit-transfer+sepa").text == "transferencia, SEPA"
        assert extension("es-verifactu-exempt", "E1").key.text == "Operación sujeta y exenta VERI*FACTU"
        assert names.meaning("/doc/tax/ext/es-verifactu-doc-type", "R5").endswith(
            ": Rectificativa de factura simplificada"
        )
    assert name("regimes", "PL").text == "Poland"


def test_a_missing_translation_falls_back_to_english() -> None:
    with translation.override("de"):
        assert name("regimes", "PL").text == "Poland"
    english = {"regimes": {"PL": "Poland", "ES": "Spain"}, "extensions": {"x": ["Label", {"1": "One", "2": "Two"}]}}
    spanish = {"regimes": {"ES": "España"}, "extensions": {"x": ["Etiqueta", {"2": "Dos"}]}}
    assert names._over(english, spanish) == {
        "regimes": {"PL": "Poland", "ES": "España"},
        "extensions": {"x": ["Etiqueta", {"1": "One", "2": "Dos"}]},
    }


def test_one_job_is_named_in_each_readers_language(stage: Stage, as_bob: Client) -> None:
    """The card is rendered once per language, and must not be served for the other."""
    envelope = {"head": {"stamps": STAMPS}, "doc": INVOICE}
    address = f"/teams/acme/jobs/{stored(stage.acme, json.dumps(envelope).encode())}/"
    english = "Poland", "Poland, KSeF FA(3)", "reverse charge", "Received by KSeF", "Article 20"
    spanish = "Polonia", "Polonia, KSeF FA(3)", "inversión del sujeto pasivo", "Recibido por KSeF", "Artículo 20"
    for language, told, untold in (("es", spanish, english), ("en", english, spanish), ("es", spanish, english)):
        page = _text(as_bob.get(address, headers={"Accept-Language": language}))
        assert [text for text in told if text not in page] == []
        assert [text for text in untold if text in page] == []


def _text(response: HttpResponseBase) -> str:
    return b"".join(response).decode()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pointer", "value", "name"),
    [
        ("/doc/tax/ext/es-verifactu-doc-type", "F1", "VERI*FACTU document type: Invoice"),
        ("/doc/tax/ext/es-verifactu-doc-type", "X9", "VERI*FACTU document type"),
        ("/doc/tax/ext/nobody-knows", "X9", ""),
        ("/doc/$regime", "ES", "Spain"),
        ("/doc/$addons/0", "es-verifactu-v1", "Spain, VERI*FACTU"),
        ("/head/stamps/0/prv", "verifactu-qr", "VERI*FACTU check page"),
        ("/doc/type", "credit-note", "Credit note"),
        ("/doc/preceding/0/type", "credit-note", "Credit note"),
        ("/doc/customer/inboxes/0/key", "it-sdi-code", "SDI code"),
        ("/doc/payment/instructions/key", "credit-transfer", "bank transfer"),
        ("/doc/supplier/name", "VAT", ""),
        ("/doc/notes/0/text", "general", ""),
        ("/doc/$regime", "x" * 5_000, ""),
        ("", "ES", ""),
    ],
)
def test_a_code_is_explained_by_its_place(pointer: str, value: str, name: str) -> None:
    assert cards.meaning(pointer, value) == name


def test_names_keep_the_code_beside_them() -> None:
    assert name("stamps", "nobody-knows") == cards.Name("nobody-knows", "nobody-knows")
    assert extension("es-verifactu-doc-type", "F1").value == cards.Name("F1", "Invoice")
    assert extension("x", "y") == cards.Extension(cards.Name("x", "x"), cards.Name("y", "y"))
