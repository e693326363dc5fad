"""Invented GOBL envelopes: documents with correct totals and digest, and fake signatures.

# [D] gobl: envelope is {$schema, head, doc, sigs}; head.dig is SHA-256 over the canonical doc; a signature is a compact
# JWS whose payload holds uuid, dig and iat; amounts are strings.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from jobs.simulator.story_files import load

DRAFT = "https://gobl.org/draft-0/"
RETAINED = frozenset({"IRPF", "IRPEF"})  # taxes withheld by the customer
_CENT = Decimal("0.01")
# In GOBL's order; other members of a recipe come before `lines`.
_FRONT = (
    "$regime",
    "$addons",
    "$tags",
    "uuid",
    "type",
    "series",
    "code",
    "issue_date",
    "issue_time",
    "op_date",
    "currency",
)


@dataclass(frozen=True, slots=True)
class Envelope:
    """The parameters of an envelope: the recipe's name in documents.json, its ids and its state."""

    recipe: str
    uuid: UUID
    issued: datetime
    signed_at: datetime | None = None
    stamps: Sequence[tuple[str, str]] = ()
    head: Mapping[str, Any] = field(default_factory=dict)
    patch: Mapping[str, Any] = field(default_factory=dict)
    size: int = 0  # the size in bytes as compact JSON; 0 keeps the recipe's lines


def envelope(wanted: Envelope) -> dict[str, Any]:
    """The whole envelope as JSON values."""
    text, val = _written(wanted.recipe, json.dumps(dict(wanted.patch)), wanted.size, wanted.issued.date().isoformat())
    dig = {"alg": "sha256", "val": val}
    head: dict[str, Any] = {"uuid": str(wanted.uuid), "dig": dig}
    if wanted.stamps:
        head["stamps"] = [{"prv": provider, "val": value} for provider, value in wanted.stamps]
    made = {"$schema": DRAFT + "envelope", "head": head | dict(wanted.head), "doc": json.loads(text)}
    return made | {"sigs": [signature(wanted.uuid, dig, wanted.signed_at)]} if wanted.signed_at else made


def signature(uuid: UUID, dig: Mapping[str, str], at: datetime) -> str:
    """Three parts like a compact JWS of ES256. No key made it, so no key verifies it."""
    header = {"alg": "ES256", "kid": "5e70d5b1-0000-4000-8000-000000000000"}
    parts = f"{_b64(_json(header))}.{_b64(_json({'uuid': str(uuid), 'dig': dig, 'iat': int(at.timestamp())}))}"
    return f"{parts}.{_b64(hashlib.sha512(parts.encode()).digest())}"


@lru_cache(maxsize=256)
def _written(recipe: str, patch: str, size: int, date: str) -> tuple[bytes, str]:
    """The document as JSON text, which callers cannot modify, and its digest.

    Recipes have no fractions, nulls or control characters, so their canonical form is plain JSON with sorted keys,
    which is ten times as fast for 10 MB. A test compares it with canonical.py.
    """
    made = document(recipe, json.loads(patch), size, date)
    return _json(made), hashlib.sha256(_json(made, sort_keys=True)).hexdigest()


def document(name: str, patch: Mapping[str, Any], size: int, date: str) -> dict[str, Any]:
    """The document of a recipe: dated, patched and calculated, with fields in GOBL's order."""
    recipe = _resolved(load("documents")["documents"][name]) | _resolved(dict(patch))
    schema = recipe.pop("schema")
    if "lines" in recipe and schema in {"bill/invoice", "bill/order", "bill/delivery"}:
        recipe = _calculated(recipe, size)
    dated = {"issue_date": date} if schema.startswith("bill/") else {}
    return _ordered({"$schema": DRAFT + schema} | dated | recipe)


def _resolved(value: Any) -> Any:
    """The value with every "@name" replaced by that party of documents.json."""
    if isinstance(value, str) and value.startswith("@"):
        return load("documents")["parties"][value[1:]]
    if isinstance(value, dict):
        return {name: _resolved(member) for name, member in value.items()}
    return [_resolved(member) for member in value] if isinstance(value, list) else value


def _ordered(doc: dict[str, Any]) -> dict[str, Any]:
    present = {name: value for name, value in doc.items() if value is not None}
    return {name: present[name] for name in ("$schema", *_FRONT) if name in present} | present


def _calculated(recipe: dict[str, Any], size: int) -> dict[str, Any]:
    included = recipe.get("tax", {}).get("prices_include")
    lines = [_line(number, line) for number, line in enumerate(_enough(recipe["lines"], size), 1)]
    rest = {name: value for name, value in recipe.items() if name not in {"lines", "payment", "notes", "retained"}}
    totals = _totals(lines, included, recipe.get("payment", {}))
    tail = {name: recipe[name] for name in ("payment", "notes") if name in recipe}
    return rest | {"lines": lines, "totals": totals} | tail


def _enough(lines: list[Any], size: int) -> list[Any]:
    """Repeats the lines until the document is about that many bytes long."""
    if not size:
        return lines
    once = sum(len(_json(_line(1000, _numbered(line, 1000)))) + 1 for line in lines)
    times = max(1, size // once)
    return [_numbered(line, turn + 1) for turn in range(times) for line in lines]


def _numbered(line: list[Any], turn: int) -> list[Any]:
    """A line with a number, so that all lines of a long document differ."""
    return [line[0], f"{line[1]} · {turn}", *line[2:]]


def _line(number: int, line: list[Any]) -> dict[str, Any]:
    """A line from [quantity, name, price, taxes, more?]; taxes are like "VAT:standard:general:21.0%"."""
    quantity, name, price, taxes, *more = line
    extra: dict[str, Any] = dict(more[0]) if more else {}
    total = _round(Decimal(quantity) * Decimal(price))
    made: dict[str, Any] = {
        "i": number,
        "quantity": quantity,
        "item": {"name": name, "price": price} | extra.pop("item", {}),
    }
    made["sum"] = str(total)
    if percent := extra.pop("discount", ""):
        off = _round(total * _share(percent))
        made["discounts"] = [{"percent": percent, "amount": str(off)}]
        total -= off
    made["taxes"] = [_tax(tax, extra.get("ext")) for tax in taxes.split()]
    return made | {"total": str(total)}


def _tax(text: str, ext: Mapping[str, str] | None) -> dict[str, Any]:
    names = ("cat", "key", "rate", "percent")
    tax: dict[str, Any] = {name: value for name, value in zip(names, text.split(":"), strict=True) if value}
    return tax | {"ext": dict(ext)} if ext and tax["cat"] not in RETAINED else tax


def _totals(lines: list[dict[str, Any]], included: str | None, payment: Mapping[str, Any]) -> dict[str, str | Any]:
    categories = [_category(code, rates, included) for code, rates in _by_rate(lines).items()]
    gross = sum((Decimal(line["total"]) for line in lines), Decimal())
    tax = _sum(category["amount"] for category in categories if not category.get("retained"))
    retained = _sum(category["amount"] for category in categories if category.get("retained"))
    net = gross - tax if included else gross
    payable = net + tax - retained
    totals: dict[str, Any] = (
        {"sum": _text(gross)} | ({"tax_included": _text(tax)} if included else {}) | {"total": _text(net)}
    )
    if categories:
        totals["taxes"] = {"categories": categories, "sum": _text(tax)} | (
            {"retained": _text(retained)} if retained else {}
        )
    totals |= {"tax": _text(tax), "total_with_tax": _text(net + tax)}
    totals |= ({"retained_tax": _text(retained)} if retained else {}) | {"payable": _text(payable)}
    advance = _sum(paid["amount"] for paid in payment.get("advances", ()))
    return totals | ({"advance": _text(advance), "due": _text(payable - advance)} if advance else {})


def _by_rate(lines: list[dict[str, Any]]) -> dict[str, dict[str, tuple[dict[str, Any], Decimal]]]:
    """Category → rate → (one of its taxes, sum of its lines)."""
    found: dict[str, dict[str, tuple[dict[str, Any], Decimal]]] = {}
    for line in lines:
        for tax in line["taxes"]:
            rates = found.setdefault(tax["cat"], {})
            same = json.dumps([tax.get("key"), tax.get("percent"), tax.get("ext")])
            rates[same] = (tax, rates.get(same, (tax, Decimal()))[1] + Decimal(line["total"]))
    return found


def _category(code: str, rates: dict[str, tuple[dict[str, Any], Decimal]], included: str | None) -> dict[str, Any]:
    rows = [_rate(tax, total, included == code) for tax, total in rates.values()]
    retained = {"retained": True} if code in RETAINED else {}
    return {"code": code} | retained | {"rates": rows, "amount": _text(_sum(row["amount"] for row in rows))}


def _rate(tax: dict[str, Any], total: Decimal, included: bool) -> dict[str, Any]:
    """A rate. One without a percentage is exempt, reverse charge or outside the tax, as its key states; never 0 %."""
    share = _share(tax.get("percent", "0%"))
    base = _round(total / (1 + share)) if included else total
    amount = total - base if included else _round(base * share)
    shown = {name: tax[name] for name in ("key", "ext") if name in tax} | {"base": _text(base)}
    return shown | ({"percent": tax["percent"]} if "percent" in tax else {}) | {"amount": _text(amount)}


def _share(percent: str) -> Decimal:
    return Decimal(percent.rstrip("%")) / 100


def _round(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)


def _sum(amounts: Any) -> Decimal:
    return sum((Decimal(amount) for amount in amounts), Decimal())


def _text(amount: Decimal) -> str:
    return str(_round(amount))


def _json(value: Any, *, sort_keys: bool = False) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys).encode()


def _b64(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
