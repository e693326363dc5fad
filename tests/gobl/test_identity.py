"""Number, customer and amount of a document of any shape."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.gobl.identity import CURRENCY, NAME, NUMBER, TAX_ID, Identity, folded, folded_tax_ids, of_document
from jobs.simulator import body_at, scenarios

INVOICE = {
    "$schema": "https://gobl.org/draft-0/bill/invoice",
    "series": "FS-26",
    "code": "001209",
    "currency": "EUR",
    "supplier": {"name": "Faro de Ría Blanca, S.L.", "tax_id": {"country": "ES", "code": "B98602642"}},
    "customer": {"name": "Lucía Ferrándiz Gil", "tax_id": {"country": "ES", "code": "54387763P"}},
    "totals": {"total": "1211.45", "total_with_tax": "1465.86", "payable": "1465.86", "due": "0.00"},
}
KNOWN = Identity("FS-26-001209", "Lucía Ferrándiz Gil", "1465.86", "EUR", "ES 54387763P")


def of(document: Any) -> Identity:
    return of_document(json.dumps(document).encode())


def test_an_envelope_and_its_bare_document_have_the_same_identity() -> None:
    assert of(INVOICE) == KNOWN
    assert of({"$schema": "https://gobl.org/draft-0/envelope", "head": {}, "doc": INVOICE}) == KNOWN


def test_every_simulator_document_has_an_identity() -> None:
    jobs = [body_at(each, 10_000) for each in scenarios()]
    envelopes = [job["envelope"] for job in jobs if job.get("envelope")]
    documents = [each for each in envelopes if each.get("doc", {}).get("customer")]
    assert documents
    assert all(of(document).customer and of(document).amount for document in documents if document["doc"].get("totals"))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"series": ""}, ("number", "001209")),
        ({"code": ""}, ("number", "")),
        ({"customer": None}, ("customer", "")),
        ({"customer": {"alias": "La tienda"}}, ("customer", "La tienda")),
        ({"customer": {"tax_id": {"country": "ES"}}}, ("tax_id", "")),
        ({"customer": {"tax_id": {"code": "54387763P"}}}, ("tax_id", "54387763P")),
        ({"totals": {"total_with_tax": "7.00", "total": "5.00"}}, ("amount", "7.00")),
        ({"totals": {}}, ("currency", "")),
        ({"totals": None, "total": "9.00"}, ("amount", "9.00")),
        ({"totals": {"payable": 12.5}}, ("amount", "12.5")),
        ({"code": "1\nVerdict: accepted"}, ("number", "FS-26-1 Verdict: accepted")),
    ],
)
def test_missing_fields_are_empty(change: dict[str, Any], expected: tuple[str, str]) -> None:
    field, value = expected
    assert getattr(of(INVOICE | change), field) == value


def test_a_party_is_its_own_customer() -> None:
    party = {"$schema": "https://gobl.org/draft-0/org/party", "name": "Ana", "tax_id": {"country": "PT", "code": "501"}}
    assert of(party) == Identity(customer="Ana", tax_id="PT 501")


def test_a_non_document_has_no_identity() -> None:
    assert not any(map(of_document, (None, b"", b"[]", b"{", b'"x"', b"{}", b'{"doc": 7}', b"\xff\xfe")))


NAMES = [*INVOICE, "doc", "head", "name", "alias", "tax_id", "country", "payable", "total"]
shapes = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=12,
)


@given(shapes)
def test_any_shape_is_read_and_cut(document: Any) -> None:
    found = of(document)
    lengths = (NUMBER, NAME, 40, CURRENCY, TAX_ID)
    texts = (found.number, found.customer, found.amount, found.currency, found.tax_id)
    assert all(len(text) <= length for text, length in zip(texts, lengths, strict=True))
    assert not any(character in text for text in texts for character in "\n\r\t\v\f\x85\u2028")


@given(st.binary(max_size=200))
def test_any_bytes_are_read(raw: bytes) -> None:
    of_document(b'{"doc": ' + raw)
    of_document(raw)


def test_long_texts_are_cut() -> None:
    found = of(INVOICE | {"code": "9" * 5_000, "customer": {"name": "x" * 5_000}})
    assert (len(found.number), len(found.customer)) == (NUMBER, NAME)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("FS-26-001208", "fs 26/001208"),
        ("Lucía Ferrándiz Gil", "LUCIA FERRANDIZ  GIL"),
        ("ES 54387763P", "es-54387763-p"),
        ("Panadería Ñandú", "panaderi\u0301a nandu"),
        ("Straße", "STRASSE"),
    ],
)
def test_spellings_of_one_text_fold_alike(one: str, other: str) -> None:
    assert folded(one) == folded(other) != ""


@given(st.text(max_size=1_000))
def test_folding_is_idempotent(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    assert len(folded(text)) <= 160


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ES 54387763P", ("es54387763p", "54387763p")),
        ("54387763P", ("54387763p",)),
        ("", ()),
        ("Lucía", ("lucia",)),
    ],
)
def test_a_tax_id_is_found_with_and_without_its_country(text: str, expected: tuple[str, ...]) -> None:
    assert folded_tax_ids(text) == expected
