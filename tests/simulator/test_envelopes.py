"""Invented documents: correct totals and digests, and signatures that contain what they should."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from jobs.simulator import body_at, scenarios
from jobs.simulator.canonical import digest, parsed

LARGE = {"large-1": 1_000_000, "large-5": 5_000_000, "large-10": 9_900_000}
ENVELOPES = {
    scenario.key: found
    for scenario in scenarios()
    if scenario.raw is None and scenario.key not in LARGE and (found := body_at(scenario, 1e9).get("envelope"))
}


def decoded(part: str) -> Any:
    return json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@pytest.mark.parametrize("key", ENVELOPES)
def test_the_digest_matches_the_document(key: str) -> None:
    told = parsed(json.dumps(ENVELOPES[key]))
    assert told["head"]["dig"] == {"alg": "sha256", "val": digest(told["doc"])}


@pytest.mark.parametrize("key", [key for key, told in ENVELOPES.items() if "sigs" in told])
def test_a_signature_names_what_it_signs(key: str) -> None:
    told = ENVELOPES[key]
    header, payload, signature = told["sigs"][0].split(".")
    assert decoded(header)["alg"] == "ES256"
    assert {name: decoded(payload)[name] for name in ("uuid", "dig")} == {
        name: told["head"][name] for name in ("uuid", "dig")
    }
    assert isinstance(decoded(payload)["iat"], int)
    assert len(urlsafe_b64decode(signature + "==")) == 64


@pytest.mark.parametrize("key", [key for key, told in ENVELOPES.items() if "totals" in told["doc"]])
def test_totals_add_up(key: str) -> None:
    doc = ENVELOPES[key]["doc"]
    totals: dict[str, Any] = doc["totals"]
    amount = {name: Decimal(value) for name, value in totals.items() if isinstance(value, str)}
    lines = sum(Decimal(line["total"]) for line in doc["lines"])
    assert amount["sum"] == lines
    assert amount["total"] == lines - amount.get("tax_included", 0)
    rates = [
        rate for category in totals["taxes"]["categories"] if not category.get("retained") for rate in category["rates"]
    ]
    assert sum(Decimal(rate["base"]) for rate in rates) == amount["total"]
    assert sum(Decimal(rate["amount"]) for rate in rates) == amount["tax"]
    assert amount["total_with_tax"] == amount["total"] + amount["tax"]
    assert amount["payable"] == amount["total_with_tax"] - amount.get("retained_tax", 0)
    assert amount.get("due", 0) == (amount["payable"] - amount["advance"] if "advance" in amount else 0)
    due_dates = doc.get("payment", {}).get("terms", {}).get("due_dates", [])
    assert sum(Decimal(due["amount"]) for due in due_dates) in (0, amount["payable"])


def test_every_kind_of_document_is_there() -> None:
    schemas = {told["doc"]["$schema"].removeprefix("https://gobl.org/draft-0/") for told in ENVELOPES.values()}
    kinds = {"invoice", "payment", "status", "order", "delivery"}
    assert schemas == {*(f"bill/{kind}" for kind in kinds), "org/party", "note/message", "tax/identity"}


def test_the_difficult_invoices_are_there() -> None:
    docs = {key: told["doc"] for key, told in ENVELOPES.items()}
    assert docs["es-retained"]["totals"]["retained_tax"] == "112.50"
    assert all("percent" not in rate for rate in docs["es-reverse-charge"]["totals"]["taxes"]["categories"][0]["rates"])
    assert docs["es-receipt"]["tax"]["prices_include"] == "VAT"
    assert "customer" not in docs["es-receipt"]
    assert docs["es-dollars"]["exchange_rates"][0]["from"] == docs["es-dollars"]["currency"] == "USD"
    assert docs["es-credit-note"]["preceding"][0]["code"] == "001101"
    assert docs["es-corrective"]["type"] == "corrective"
    assert "code" not in docs["es-unnumbered"]
    assert not Decimal(docs["es-credit-note"]["totals"]["payable"]).is_signed()


def test_every_number_in_a_document_is_whole() -> None:
    assert not any(isinstance(value, float) for told in ENVELOPES.values() for value in leaves(told))


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from leaves(member)
    else:
        yield value


@pytest.mark.parametrize(("key", "size"), [("large-1", LARGE["large-1"]), ("large-10", LARGE["large-10"])])
def test_a_large_envelope_has_about_the_requested_size(key: str, size: int) -> None:
    scenario = next(one for one in scenarios() if one.key == key)
    body = json.dumps(body_at(scenario, 3600), ensure_ascii=False, separators=(",", ":")).encode()
    assert 0.97 * size < len(body) < 1.01 * size
