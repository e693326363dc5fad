"""Every document gets the card of its schema, or a generic one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.gobl import envelope as gobl_envelope
from jobs.presenters import card as cards
from jobs.presenters import envelope as envelope_viewer
from jobs.presenters.card.names import extension
from jobs.simulator import body_at, scenarios
from tests.presenters.card.documents import SUPPLIER, card, card_of, facts, invoice, shown

EXAMPLES = sorted((Path(__file__).parents[3] / "../shared/envelopes").glob("*.json"))


def test_a_party_a_message_and_an_unknown_document_have_cards() -> None:
    party = card_of({"$schema": "https://gobl.org/draft-0/org/party", **SUPPLIER})
    assert (party.kind, party.parties[0].name) == ("org/party", SUPPLIER["name"])
    message = card_of({"$schema": "https://gobl.org/draft-0/note/message", "title": "Hi", "content": "There"})
    assert facts(message) == {"title": "Hi", "content": "There"}
    other = card_of({"$schema": "https://example.com/thing", "a": 1.50, "b": {"c": 2}, "d/e": None})
    assert (other.kind, other.title) == ("https://example.com/thing", "https://example.com/thing")
    assert [(row.key, row.value, row.pointer) for row in other.rows] == [
        ("a", "1.5", "/doc/a"),
        ("d/e", "null", "/doc/d~1e"),
    ]


@pytest.mark.parametrize("body", [None, b"null", b"[]", b"false", b'"text"', b"", b"NaN"])
def test_without_an_envelope_there_is_no_card(body: bytes | None) -> None:
    assert cards.card(gobl_envelope.read(body)) is None


@pytest.mark.parametrize(
    ("story", "title", "said"),
    [
        ("es-accepted", "Invoice FS-26-001208", "Due 2026-11-30"),
        ("es-credit-note", "Credit note AB-26-000031", "refunded to the customer"),
        ("es-corrective", "Corrective invoice RC-26-000004", "El precio de la estantería era otro"),
        ("es-retained", "Invoice HON-0018", "less the tax withheld"),
        ("es-receipt", "Invoice T-26-004410", "No customer (simplified)"),
        ("es-unnumbered", "Invoice", "No number yet"),
        ("es-payment", "Payment receipt RC-000210", "FS-26-001115"),
        ("fr-status", "Response ST-0003", "Quantité contestée"),
        ("es-order", "Purchase order PED-000077", "Payable"),
        ("es-delivery", "Delivery note ALB-000312", "EXP-55120-7"),
        ("es-identity", "Tax identity", "B11223349"),
        ("pt-many-files", "Invoice FT CN26-88", "<figure"),
    ],
)
def test_every_story_document_has_a_card(story: str, title: str, said: str) -> None:
    scenario = next(scenario for scenario in scenarios() if scenario.key == story)
    text = shown(card(body_at(scenario, 1e9)["envelope"]))
    assert text.startswith(title)
    assert said in text
    assert "The document matches its digest" in text


def extension_keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value.get("ext", {})
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from extension_keys(inner)


@pytest.mark.skipif(not EXAMPLES, reason="the examples are not here")
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_has_a_card_that_agrees_with_it(path: Path) -> None:
    body = path.read_bytes()
    doc = json.loads(body)["doc"]
    made = cards.card(gobl_envelope.read(body))
    assert made is not None
    assert made.seals.digest is gobl_envelope.Digest.MATCHES
    assert made.number in ("-".join(filter(None, (doc.get("series"), doc.get("code")))), doc.get("name"))
    assert {row.key: row.value for row in made.totals if row.key != "total"} == {
        key: value for key, value in doc.get("totals", {}).items() if key not in ("total", "taxes")
    }
    assert [party.name for party in made.parties if not party.absent] == [
        doc[role]["name"] for role in ("supplier", "customer") if role in doc
    ] or made.kind == "org/party"
    assert [rate.percent for category in made.taxes for rate in category.rates] == [
        rate.get("percent", "")
        for category in doc.get("totals", {}).get("taxes", {}).get("categories", [])
        for rate in category["rates"]
    ]
    for row in (*made.rows, *made.totals):
        assert envelope_viewer.value_at(body, row.pointer) is not None
    assert [key for key in extension_keys(doc) if not extension(key, "").key.is_known] == []


# Anything at all

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=10,
)
FIELDS = [
    *invoice(),
    "lines",
    "preceding",
    "payment",
    "notes",
    "$tags",
    "$addons",
    "methods",
    "tracking",
    "tax",
    "ordering",
    "ext",
]
KINDS = ["invoice", "payment", "status", "order", "delivery"]


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(FIELDS), anything), anything)
def test_no_field_of_any_type_breaks_a_card(kind: str, fields: dict[str, Any], inner: object) -> None:
    doc = invoice() | {"$schema": f"https://gobl.org/draft-0/bill/{kind}"}
    for made in (doc | fields, doc | {key: [inner] for key in fields}, doc | {key: {key: inner} for key in fields}):
        assert card({"head": {"stamps": inner, "links": [inner]}, "doc": made, "sigs": inner})
