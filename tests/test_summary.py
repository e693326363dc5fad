"""The card says what the document says, in its own digits, and handles what real documents lack."""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs import raw, summary
from jobs.invopop import gobl
from jobs.invopop.canonical import canonical
from jobs.invopop.files import Link
from jobs.simulator import body_at, scenarios
from jobs.summary.names import extension, name
from tests.invopop.test_gobl import jws

EXAMPLES = sorted((Path(__file__).parents[1] / "../shared/envelopes").glob("*.json"))
SUPPLIER = {
    "name": "Faro de Ría Blanca, S.L.",
    "tax_id": {"country": "ES", "code": "B98602642"},
    "addresses": [{"num": "9", "street": "Rúa do Faro", "code": "15001", "locality": "A Coruña", "country": "ES"}],
    "emails": [{"addr": "oficina@faro.example"}],
    "inboxes": [{"key": "it-sdi-code", "code": "M5UXCR5"}],
}
CUSTOMER = {"name": "Panadería Ñandú", "tax_id": {"country": "PT"}, "identities": [{"key": "passport", "code": "X1"}]}
TOTALS = {
    "sum": "100.00",
    "total": "100.00",
    "taxes": {
        "categories": [
            {
                "code": "VAT",
                "amount": "21.00",
                "rates": [
                    {"key": "standard", "base": "100.00", "percent": "21.0%", "amount": "21.00"},
                    {"key": "exempt", "base": "5.00", "amount": "0.00", "ext": {"es-verifactu-exempt": "E1"}},
                ],
            }
        ],
        "sum": "21.00",
    },
    "tax": "21.00",
    "total_with_tax": "121.00",
    "payable": "121.00",
}


def invoice(**fields: Any) -> dict[str, Any]:
    basic = {
        "$regime": "ES",
        "type": "standard",
        "series": "F",
        "code": "107",
        "issue_date": "2026-10-02",
        "currency": "EUR",
    }
    doc = {
        "$schema": "https://gobl.org/draft-0/bill/invoice",
        **basic,
        "supplier": SUPPLIER,
        "customer": CUSTOMER,
        "totals": TOTALS,
    }
    return {key: value for key, value in (doc | fields).items() if value is not None}


def envelope(doc: dict[str, Any], sigs: list[str] | None = None, **head: Any) -> dict[str, Any]:
    value = sha256(canonical(json.dumps(doc).encode())).hexdigest()
    made = {
        "head": {"uuid": "0192a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b", "dig": {"alg": "sha256", "val": value}, **head},
        "doc": doc,
    }
    return made | ({"sigs": sigs} if sigs else {})


def card(value: Any) -> summary.Card:
    made = summary.card(gobl.read(json.dumps(value).encode()))
    assert made is not None
    return made


def card_of(doc: dict[str, Any], **head: Any) -> summary.Card:
    return card(envelope(doc, **head))


def facts(made: summary.Card) -> dict[str, str]:
    return {row.key: row.value for row in made.rows}


# Invoices


def test_an_invoice_field_by_field() -> None:
    made = card_of(invoice(op_date="2026-10-01", **{"$tags": ["reverse-charge"], "$addons": ["es-verifactu-v1"]}))
    assert (made.kind, str(made.title), made.number) == ("bill/invoice", "Invoice", "F-107")
    assert facts(made) == {"type": "Invoice", "issue_date": "2026-10-02", "op_date": "2026-10-01", "currency": "EUR"}
    supplier, customer = made.parties
    assert (supplier.name, supplier.tax_id) == ("Faro de Ría Blanca, S.L.", "ES B98602642")
    assert supplier.address == "Rúa do Faro 9, 15001 A Coruña, ES"
    assert [row.value for row in supplier.contacts] == ["M5UXCR5", "oficina@faro.example"]
    assert (customer.name, customer.tax_id, customer.identities[0].value) == ("Panadería Ñandú", "PT", "X1")
    assert (made.regime, made.addons[0].text, made.tags[0].text) == (
        name("regimes", "ES"),
        "Spain, VERI*FACTU",
        "reverse charge",
    )
    assert [(row.key, row.value) for row in made.totals] == [
        ("sum", "100.00"),
        ("total", "100.00"),
        ("tax", "21.00"),
        ("total_with_tax", "121.00"),
        ("payable", "121.00"),
    ]
    assert made.total is not None
    assert made.total.amount == summary.Amount("121.00", "EUR")
    assert (made.total.pointer, made.total_note) == ("/doc/totals/payable", "")


def test_an_exempt_rate_has_no_percent() -> None:
    standard, exempt = card_of(invoice()).taxes[0].rates
    assert (standard.percent, exempt.percent) == ("21.0%", "")
    assert (exempt.key.text, exempt.extensions[0].value.text, exempt.extensions[0].value.code) == (
        "exempt",
        "Article 20",
        "E1",
    )


def test_a_credit_note_says_that_its_amounts_are_positive() -> None:
    preceding = [
        {"type": "standard", "series": "F", "code": "99", "issue_date": "2026-09-01", "reason": "Returned", "uuid": "u"}
    ]
    made = card_of(invoice(type="credit-note", preceding=preceding))
    assert str(made.title) == "Credit note"
    assert "positive" in str(made.total_note)
    (corrected,) = made.corrects
    assert (corrected.number, corrected.date, corrected.reason) == ("F-99", "2026-09-01", "Returned")
    assert corrected.pointer == "/doc/preceding/0"


@pytest.mark.parametrize(
    ("totals", "note"),
    [
        ({"retained_tax": "15.00", "payable": "106.00"}, "withheld"),
        ({"rounding": "0.01", "payable": "121.01"}, "rounded"),
    ],
)
def test_payable_that_is_not_the_total_is_explained(totals: dict[str, str], note: str) -> None:
    assert note in str(card_of(invoice(totals=TOTALS | totals)).total_note)


def test_withheld_taxes_are_marked() -> None:
    taxes = {"categories": [{"code": "IRPF", "retained": True, "amount": "15.00", "rates": [{"percent": "15.0%"}]}]}
    category = card_of(invoice(totals=TOTALS | {"taxes": taxes})).taxes[0]
    assert (category.is_retained, category.name.code, category.rates[0].percent) == (True, "IRPF", "15.0%")


@pytest.mark.parametrize(("tags", "sentence"), [(["simplified"], "No customer (simplified)"), ([], "No customer")])
def test_no_customer_is_said(tags: list[str], sentence: str) -> None:
    customer = card_of(invoice(customer=None, **{"$tags": tags})).parties[1]
    assert (str(customer.absent), customer.name, customer.tax_id) == (sentence, "", "")


def test_a_number_may_lack_its_series_or_be_missing() -> None:
    assert card_of(invoice(series=None)).number == "107"
    unnumbered = card_of(invoice(code=None))
    assert (unnumbered.number, str(unnumbered.number_note)) == ("", "No number yet")


def test_amounts_keep_their_digits() -> None:
    made = card_of(invoice(totals={"payable": "1234567890123456789.000100", "sum": "-0.10"}))
    assert [row.value for row in made.totals] == ["-0.10", "1234567890123456789.000100"]
    assert made.totals[1].amount is not None
    assert made.totals[1].amount.value == Decimal("1234567890123456789.000100")


@pytest.mark.parametrize("text", ["1e999999999", "NaN", "Infinity", "١٢", "", "x", "9" * 5_000, "1,5"])
def test_an_odd_amount_is_text_without_a_value_to_calculate_with(text: str) -> None:
    assert summary.Amount(text).value is None


def test_due_dates_and_means_of_payment_are_shown() -> None:
    terms = {"due_dates": [{"date": "2026-11-02", "amount": "121.00", "percent": "100%"}]}
    made = card_of(invoice(payment={"terms": terms, "instructions": {"key": "credit-transfer+sepa"}}))
    assert made.due_dates[0].date == "2026-11-02"
    assert made.due_dates[0].amount == summary.Amount("121.00", "EUR")
    assert facts(made)["instructions"] == "bank transfer, SEPA"


# Other documents


def test_advances_and_exchange_rates_are_shown_one_by_one() -> None:
    paid = {"date": "2026-01-20", "key": "card", "description": "Half", "percent": "50%", "amount": "60.50"}
    rate = {"from": "USD", "to": "EUR", "amount": "0.9170", "at": "2026-10-02T00:00:00Z"}
    made = card(
        envelope(invoice(payment={"advances": [paid, {"amount": "1", "currency": "USD"}]}, exchange_rates=[rate]))
    )
    assert made.advances[0] == summary.Advance(
        "2026-01-20",
        summary.Amount("60.50", "EUR"),
        "50%",
        "Half",
        summary.Name("card", "card"),
        "/doc/payment/advances/0",
    )
    assert made.advances[1].amount == summary.Amount("1", "USD")
    assert [row.value for row in made.exchange_rates] == ["1 USD = 0.9170 EUR"]


@pytest.mark.parametrize(
    ("pointer", "value", "told"),
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
def test_a_code_is_explained_by_its_place(pointer: str, value: str, told: str) -> None:
    assert summary.meaning(pointer, value) == told


def test_a_payment() -> None:
    line = {"document": {"series": "F", "code": "107", "issue_date": "2026-10-02"}, "amount": "121.00"}
    methods = [{"key": "card", "amount": "121.00"}]
    doc = {"$schema": "https://gobl.org/draft-0/bill/payment", "type": "receipt", "currency": "EUR", "total": "121.00"}
    made = card_of(doc | {"lines": [line], "methods": methods, "supplier": SUPPLIER})
    assert (str(made.title), made.lines[0].number) == ("Payment receipt", "F-107")
    assert made.lines[0].amount == made.total.amount if made.total else False
    assert facts(made)["method"] == "card"


def test_a_status_has_lines_and_no_totals() -> None:
    line = {
        "key": "rejected",
        "doc": {"code": "7"},
        "description": "Late",
        "reasons": [{"key": "none"}, {"description": "Sum"}],
    }
    made = card_of({"$schema": "https://gobl.org/draft-0/bill/status", "type": "response", "lines": [line] * 60})
    assert (str(made.title), made.totals, made.total) == ("Response", (), None)
    assert (made.lines[0].number, made.lines[0].key, made.lines[0].details) == (
        "7",
        name("status_keys", "rejected"),
        ("Sum",),
    )
    assert (len(made.lines), made.line_count) == (50, 60)


def test_orders_and_deliveries() -> None:
    order = {
        "$schema": "https://gobl.org/draft-0/bill/order",
        "type": "purchase",
        "code": "1",
        "currency": "EUR",
        "totals": TOTALS,
    }
    assert (str(card_of(order).title), card_of(order).total is not None) == ("Purchase order", True)
    delivery = {"$schema": "https://gobl.org/draft-0/bill/delivery", "type": "note", "tracking": {"code": "T-1"}}
    assert facts(card_of(delivery))["tracking"] == "T-1"


def test_a_party_a_message_and_anything_else() -> None:
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
    assert summary.card(gobl.read(body)) is None


@pytest.mark.parametrize("value", [{}, {"doc": None}, {"doc": []}, {"doc": "x"}])
def test_an_envelope_without_a_document_still_has_seals(value: dict[str, Any]) -> None:
    assert card(value).kind == ""
    assert card(value).seals.is_signed is False


# Seals


def test_a_signed_and_stamped_envelope() -> None:
    doc = invoice()
    stamps = [
        {"prv": "verifactu-qr", "val": "https://prewww2.example.es/check?nif=B98602642"},
        {"prv": "at-qr", "val": "A:500000000*B:999999990"},
        {"prv": "sat-uuid", "val": "1F2E"},
        {"prv": "new-thing", "val": "javascript:alert(1)"},
    ]
    sealed = envelope(doc, stamps=stamps, ignore=["GOBL-ES-01"], links=[{"key": "a", "url": "http://plain.example"}])
    sealed["sigs"] = [jws({"uuid": sealed["head"]["uuid"], "dig": sealed["head"]["dig"], "iat": 1_790_000_000})]
    seals = card(sealed).seals
    assert (seals.is_signed, seals.digest, seals.signatures[0].digest_matches) == (True, gobl.Digest.MATCHES, True)
    qr, text, plain, unknown = seals.stamps
    assert (qr.name.text, qr.qr, qr.link) == (
        "VERI*FACTU check page",
        stamps[0]["val"],
        Link(stamps[0]["val"], "prewww2.example.es"),
    )
    assert (text.link, text.qr) == (None, stamps[1]["val"])
    assert (plain.name.text, plain.qr, plain.pointer) == ("Folio fiscal (SAT)", "", "/head/stamps/2/val")
    assert (unknown.name.text, unknown.name.is_known, unknown.link, unknown.qr) == ("new-thing", False, None, "")
    assert (seals.ignored_rules, seals.links[0][1], seals.warnings) == (("GOBL-ES-01",), None, ())


def test_stamps_without_a_signature_are_warned_of() -> None:
    assert len(card_of(invoice(), stamps=[{"prv": "tbai-code", "val": "T"}]).seals.warnings) == 1


def test_a_signature_that_is_none_is_warned_of() -> None:
    made = card(envelope(invoice(), sigs=["not.a.signature"]))
    assert [str(warning) for warning in made.seals.warnings] == ["A signature cannot be read."]


# As it is shown


def shown(made: summary.Card) -> str:
    html = render_to_string("jobs/_document.html", {"card": made})
    return " ".join(re.sub(r"<(?!figure)[^>]*>", " ", html).split())


def test_a_code_is_drawn_wherever_its_stamp_stands_and_no_stamp_is_left_out_unsaid() -> None:
    stamps = [{"prv": f"kind-{at}", "val": "x"} for at in range(10)] + [{"prv": "at-qr", "val": "A:500000000"}]
    html = shown(card_of(invoice(), stamps=stamps))
    assert html.count("<figure") == 1
    assert "kind-7" in html
    assert "kind-8" not in html
    assert "3 more in the envelope" in html


def test_a_link_of_the_head_is_shown_with_its_host_and_followed_only_where_it_is_safe() -> None:
    links = [
        {"key": "portal", "title": "Portal", "url": "https://portal.example/7"},
        {"key": "plain", "url": "http://a.example"},
    ]
    made = card_of(invoice(), links=links)
    assert "Portal: portal.example" in shown(made)
    assert "plain: http://a.example" in shown(made)
    html = render_to_string("jobs/_document.html", {"card": made})
    assert 'href="https://portal.example/7"' in html
    assert 'href="http:' not in html


def test_the_rate_of_another_country_is_marked() -> None:
    rate = {"country": "PT", "key": "standard", "base": "575.00", "percent": "23.0%", "amount": "132.25"}
    taxes = {"categories": [{"code": "VAT", "amount": "132.25", "rates": [rate]}]}
    assert "VAT standard (PT) 23.0% 132.25 EUR of 575.00 EUR" in shown(card_of(invoice(totals={"taxes": taxes})))


def test_a_rate_without_percent_is_not_zero_percent() -> None:
    assert "VAT exempt (no rate)" in shown(card_of(invoice()))
    assert not re.search(r"(?<![0-9.])0 ?%", shown(card_of(invoice())))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"code": None}, "No number yet · Spain Payable"),
        ({"$addons": ["es-verifactu-v1"]}, "F-107 Spain, VERI*FACTU Payable"),
        ({"code": None, "$regime": None}, "No number yet Payable"),
        ({"$regime": None, "$addons": ["es-sii-v1"], "$tags": ["partial"]}, "F-107 Spain, SII · partial Payable"),
    ],
)
def test_the_line_below_the_title_joins_what_there_is(fields: dict[str, Any], said: str) -> None:
    assert said in shown(card_of(invoice(**fields)))


def test_a_status_line_about_no_document_has_a_label_and_its_date() -> None:
    lines = [{"key": "other", "date": "2026-10-01", "description": "Chain broken"}]
    doc = {"$schema": "https://gobl.org/draft-0/bill/status", "type": "system", "lines": lines}
    assert "Line 2026-10-01 Other other Chain broken" in shown(card_of(doc))


def test_a_party_is_shown_with_all_its_names_and_its_people() -> None:
    people = [{"name": {"given": "Nuria", "surname": "Casals"}, "role": "owner"}]
    party = {"$schema": "https://gobl.org/draft-0/org/party", **SUPPLIER, "alias": "El Faro", "people": people}
    text = shown(card_of(party))
    for part in ("El Faro", "M5UXCR5", "oficina@faro.example", "Nuria Casals owner"):
        assert part in text


@pytest.mark.parametrize(
    ("story", "title", "said"),
    [
        ("es-accepted", "Invoice FS-26-001208", "Due 2026-11-30"),
        ("es-credit-note", "Credit note AB-26-000031", "given back to the customer"),
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
def test_the_documents_of_the_stories_are_understood(story: str, title: str, said: str) -> None:
    scenario = next(scenario for scenario in scenarios() if scenario.key == story)
    text = shown(card(body_at(scenario, 1e9)["envelope"]))
    assert text.startswith(title)
    assert said in text
    assert "The document matches its digest" in text


# QR codes


def test_a_code_is_an_element_with_attributes_only() -> None:
    drawn = summary.qr_svg('https://example.com/"><script>alert(1)</script>')
    assert drawn is not None
    assert {element.tag.rpartition("}")[2] for element in ET.fromstring(drawn).iter()} == {"svg", "path"}
    assert "style" not in drawn
    assert "script" not in drawn


@pytest.mark.parametrize("text", ["", "x" * 1_201, "ñ" * 601])
def test_what_does_not_fit_is_not_drawn(text: str) -> None:
    assert summary.qr_svg(text) is None


@settings(deadline=None, max_examples=30)
@given(st.text(max_size=600))
def test_any_text_is_drawn_or_not(text: str) -> None:
    assert summary.qr_svg(text) or len(text.encode("utf-8", "replace")) in (0, *range(1_201, 5_000))


# Names


def test_names_keep_the_code_beside_them() -> None:
    assert name("stamps", "nobody-knows") == summary.Name("nobody-knows", "nobody-knows")
    assert extension("es-verifactu-doc-type", "F1").value == summary.Name("F1", "Invoice")
    assert extension("x", "y") == summary.Extension(summary.Name("x", "x"), summary.Name("y", "y"))


# Real documents


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
    made = summary.card(gobl.read(body))
    assert made is not None
    assert made.seals.digest is gobl.Digest.MATCHES
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
        assert raw.value_at(body, row.pointer) is not None
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
def test_no_field_of_any_kind_breaks_a_card(kind: str, fields: dict[str, Any], inner: object) -> None:
    doc = invoice() | {"$schema": f"https://gobl.org/draft-0/bill/{kind}"}
    for made in (doc | fields, doc | {key: [inner] for key in fields}, doc | {key: {key: inner} for key in fields}):
        assert card({"head": {"stamps": inner, "links": [inner]}, "doc": made, "sigs": inner})
