"""Invented documents, and their cards rendered to text."""

import json
import re
from hashlib import sha256
from typing import Any

from django.template.loader import render_to_string

from jobs.gobl import envelope as gobl_envelope
from jobs.gobl.canonical import canonical
from jobs.presenters import card as cards

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


def card(value: Any) -> cards.Card:
    made = cards.card(gobl_envelope.read(json.dumps(value).encode()))
    assert made is not None
    return made


def card_of(doc: dict[str, Any], **head: Any) -> cards.Card:
    return card(envelope(doc, **head))


def facts(made: cards.Card) -> dict[str, str]:
    return {row.key: row.value for row in made.rows}


def shown(made: cards.Card) -> str:
    html = render_to_string("jobs/job/_document.html", {"card": cards.cut(made)})
    return " ".join(re.sub(r"<(?!figure)[^>]*>", " ", html).split())
