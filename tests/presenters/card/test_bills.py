"""Cards of bills show the document's own data and digits, and handle missing parts."""

import re

import pytest

from jobs.presenters import card as cards
from jobs.presenters.card.names import name
from tests.presenters.card.documents import SUPPLIER, TOTALS, card, card_of, envelope, facts, invoice, shown


def test_an_invoice_shows_every_field() -> None:
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
    assert made.total.amount == cards.Amount("121.00", "EUR")
    assert (made.total.pointer, made.total_note) == ("/doc/totals/payable", "")


def test_an_exempt_rate_has_no_percent() -> None:
    standard, exempt = card_of(invoice()).taxes[0].rates
    assert (standard.percent, exempt.percent) == ("21.0%", "")
    assert (exempt.key.text, exempt.extensions[0].value.text, exempt.extensions[0].value.code) == (
        "exempt",
        "Article 20",
        "E1",
    )


def test_a_credit_note_says_its_amounts_are_positive() -> None:
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
def test_a_payable_other_than_the_total_is_explained(totals: dict[str, str], note: str) -> None:
    assert note in str(card_of(invoice(totals=TOTALS | totals)).total_note)


def test_an_advance_reduces_the_payable() -> None:
    paid = card_of(invoice(totals=TOTALS | {"payable": "1944.00", "advance": "1944.00", "due": "0.00"})).total
    owed = card_of(invoice(totals=TOTALS | {"payable": "1944.00", "advance": "944.00", "due": "1000.00"})).total
    assert paid is not None
    assert owed is not None
    assert (str(paid.label), paid.value) == ("Paid", "1944.00")
    assert (str(owed.label), owed.value) == ("Outstanding", "1000.00")


def test_withheld_taxes_are_marked() -> None:
    taxes = {"categories": [{"code": "IRPF", "retained": True, "amount": "15.00", "rates": [{"percent": "15.0%"}]}]}
    category = card_of(invoice(totals=TOTALS | {"taxes": taxes})).taxes[0]
    assert (category.is_retained, category.name.code, category.rates[0].percent) == (True, "IRPF", "15.0%")


@pytest.mark.parametrize(("tags", "sentence"), [(["simplified"], "No customer (simplified)"), ([], "No customer")])
def test_a_missing_customer_is_mentioned(tags: list[str], sentence: str) -> None:
    customer = card_of(invoice(customer=None, **{"$tags": tags})).parties[1]
    assert (str(customer.absent), customer.name, customer.tax_id) == (sentence, "", "")


def test_a_number_may_lack_its_series_or_be_missing() -> None:
    assert card_of(invoice(series=None)).number == "107"
    unnumbered = card_of(invoice(code=None))
    assert (unnumbered.number, str(unnumbered.number_note)) == ("", "No number yet")


def test_due_dates_and_means_of_payment_are_shown() -> None:
    terms = {"due_dates": [{"date": "2026-11-02", "amount": "121.00", "percent": "100%"}]}
    made = card_of(invoice(payment={"terms": terms, "instructions": {"key": "credit-transfer+sepa"}}))
    assert made.due_dates[0].date == "2026-11-02"
    assert made.due_dates[0].amount == cards.Amount("121.00", "EUR")
    assert facts(made)["instructions"] == "bank transfer, SEPA"


def test_advances_and_exchange_rates_are_shown_one_by_one() -> None:
    paid = {"date": "2026-01-20", "key": "card", "description": "Half", "percent": "50%", "amount": "60.50"}
    rate = {"from": "USD", "to": "EUR", "amount": "0.9170", "at": "2026-10-02T00:00:00Z"}
    made = card(
        envelope(invoice(payment={"advances": [paid, {"amount": "1", "currency": "USD"}]}, exchange_rates=[rate]))
    )
    assert made.advances[0] == cards.Advance(
        "2026-01-20",
        cards.Amount("60.50", "EUR"),
        "50%",
        "Half",
        cards.Name("card", "card"),
        "/doc/payment/advances/0",
    )
    assert made.advances[1].amount == cards.Amount("1", "USD")
    assert [row.value for row in made.exchange_rates] == ["1 USD = 0.9170 EUR"]


def test_a_payment_is_shown() -> None:
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


def test_orders_and_deliveries_are_shown() -> None:
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


def test_a_rate_of_another_country_is_marked() -> None:
    rate = {"country": "PT", "key": "standard", "base": "575.00", "percent": "23.0%", "amount": "132.25"}
    taxes = {"categories": [{"code": "VAT", "amount": "132.25", "rates": [rate]}]}
    assert "VAT standard (PT) 23% 132.25 EUR of 575.00 EUR" in shown(card_of(invoice(totals={"taxes": taxes})))


def test_a_rate_without_percent_is_not_zero_percent() -> None:
    assert "VAT exempt (no rate)" in shown(card_of(invoice()))
    assert not re.search(r"(?<![0-9.])0 ?%", shown(card_of(invoice())))


def test_a_status_line_without_document_has_label_and_date() -> None:
    lines = [{"key": "other", "date": "2026-10-01", "description": "Chain broken"}]
    doc = {"$schema": "https://gobl.org/draft-0/bill/status", "type": "system", "lines": lines}
    assert "Line 2026-10-01 Other other Chain broken" in shown(card_of(doc))


def test_payment_terms_and_references_are_shown() -> None:
    payment = {
        "payee": {"name": "Factoring del Norte"},
        "terms": {"detail": "30 days", "notes": "No discount"},
        "instructions": {
            "key": "credit-transfer",
            "ref": "RF18",
            "credit_transfer": [{"iban": "ES7600", "bic": "CAIXESBB", "name": "Banco"}],
            "notes": "Name the number",
        },
    }
    ordering = {"contracts": [{"code": "C-7"}], "purchases": [{"series": "PO", "code": "12"}]}
    more = {"delivery": {"date": "2026-10-09"}, "discounts": [{"reason": "Loyal", "amount": "5.00"}]}
    made = card_of(invoice(payment=payment, ordering=ordering, **more))
    told = {row.key: row.value for row in made.rows}
    assert told["date"] == "2026-10-09"
    assert (told["contracts"], told["purchases"]) == ("C-7", "PO-12")
    assert (told["detail"], told["notes"], told["ref"]) == ("30 days", "No discount", "RF18")
    assert told["account"] == "ES7600 · CAIXESBB · Banco"
    assert told["discounts"] == "Loyal"
    assert "Factoring del Norte" in [party.name for party in made.parties]
    page = shown(made)
    for text in ("Name the number", "No discount", "ES7600 · CAIXESBB · Banco", "PO-12"):
        assert text in page


def test_the_authoritys_number_of_the_corrected_document_is_shown() -> None:
    preceding = [{"code": "99", "stamps": [{"prv": "mx-sat", "val": "9F2C"}]}]
    assert card_of(invoice(type="credit-note", preceding=preceding)).corrects[0].authority == "mx-sat 9F2C"


def test_codes_of_parties_and_rates_are_all_shown() -> None:
    customer = {"name": "Ñandú", "ext": {"it-sdi-fund": "X9", "it-sdi-format": "FPA12"}}
    page = shown(card_of(invoice(customer=customer)))
    assert "X9" in page
    assert "FPA12" in page
