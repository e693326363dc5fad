"""A masked message names nobody, and still distinguishes failures."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.invopop.job_payload import Job, Pair
from jobs.records.masking import mask

LUCIA: dict[str, Any] = {
    "name": "Lucía Ferrándiz Gil",
    "alias": "lufe",
    "tax_id": {"country": "ES", "code": "12345678Z"},
    "emails": [{"addr": "lucia@example.com"}],
    "addresses": [{"street": "Calle del Olmo", "locality": "Toledo", "country": "ES"}],
}


def job(**document: Any) -> Job:
    return Job(envelope=json.dumps({"doc": {"$schema": "https://gobl.org/draft-0/bill/invoice", **document}}).encode())


INVOICE = job(series="FS", code="26-001209", customer=LUCIA)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("El NIF 12345678Z no está identificado", "El NIF … no está identificado"),
        ("LUCÍA FERRÁNDIZ GIL is not known", "… is not known"),
        ("no answer from lucia@example.com", "no answer from …"),
        ("see https://example.com/a?b=c for more", "see … for more"),
        ("invoice FS-26-001209 of 2026-11-29 for 1,465.86 EUR", "invoice … of … for … EUR"),
        ("the receiver 'Juan Pérez' does not exist", "the receiver '…' does not exist"),
        ("element 'cbc:ID' is missing", "element 'cbc:ID' is missing"),
        ("Señora Ferrándiz: Toledo", "Señora …"),
        ("connection reset by peer", "connection reset by peer"),
        ("", ""),
    ],
)
def test_varying_parts_are_masked_and_the_rest_stays(said: str, kept: str) -> None:
    assert mask(said, INVOICE) == kept


def test_two_customers_with_the_same_error_have_the_same_message() -> None:
    other = job(code="7", customer={"name": "Ólafur", "tax_id": {"code": "B98602642"}})
    assert mask("NIF 12345678Z (Lucía Ferrándiz Gil) unknown", INVOICE) == mask("NIF B98602642 (Ólafur) unknown", other)


def test_job_arguments_are_masked() -> None:
    assert mask("no such order: Blue Moon", Job(args=(Pair("order", "Blue Moon"),))) == "no such order: …"


@pytest.mark.parametrize("envelope", [b"", b"[]", b"{", b'{"doc": 1}', b"[" * 100_000, b'{"doc":{"customer":[1]}}'])
def test_any_document_is_accepted(envelope: bytes) -> None:
    assert mask("some words", Job(envelope=envelope)) == "some words"


words = st.text(st.characters(categories=("Lu", "Ll", "Nd", "Zs", "Po", "Pd")), max_size=30)


@given(st.lists(words, min_size=1, max_size=8), words.filter(lambda text: len(text.split()) > 0))
def test_no_digit_address_or_document_text_survives(around: list[str], name: str) -> None:
    name = " ".join(name.split())
    document = job(customer={"name": name, "emails": [{"addr": "some.body@example.org"}]}, code="A-77")
    kept = mask(" ".join([*around, name, "some.body@example.org", *around, "A-77"]), document)
    assert not any(map(str.isdigit, kept))
    assert "@" not in kept
    if len(name) >= 3 and name[0].isalnum() and name[-1].isalnum():
        assert not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", kept, re.IGNORECASE)


@given(words)
def test_masking_is_idempotent(text: str) -> None:
    once = mask(text, INVOICE)
    assert mask(once, INVOICE) == once
