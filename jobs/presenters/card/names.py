"""Readable names for GOBL's codes. A code without a name is shown as it is.

`names.json` is in English; `names.es.json` has the same shape and overrides it on Spanish pages.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language

LONGEST = 80  # characters of a code


@dataclass(frozen=True, slots=True)
class Name:
    """A code with its readable name; `text` is the code itself if unnamed."""

    code: str
    text: str

    @property
    def is_known(self) -> bool:
        return self.text != self.code


@dataclass(frozen=True, slots=True)
class Extension:
    """A coded value required by a country's rules: "es-verifactu-doc-type: F1"."""

    key: Name
    value: Name


def name(table: str, code: str) -> Name:
    """Codes joined by "+" are named one by one: "credit-transfer+sepa" → "bank transfer, SEPA"."""
    names = _tables()[table]
    if code in names or "+" not in code:
        return Name(code, names.get(code, code))
    return Name(code, ", ".join(names.get(part, part) for part in code.split("+")))


def extension(key: str, value: str) -> Extension:
    label, values = _tables()["extensions"].get(key, (key, {}))
    return Extension(Name(key, label), Name(value, values.get(value, value)))


# The place of a code determines its table: the name of the member, or of the list it is in.
_BY_NAME: dict[str, tuple[str, ...]] = {
    "$regime": ("regimes",),
    "$addons": ("addons",),
    "$tags": ("tags",),
    "prv": ("stamps",),
    "cat": ("categories",),
    "rate": ("rates",),
}
_BY_PLACE: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (
        re.compile(r"/doc/(?:preceding/\d+/)?type"),
        ("invoice_types", "payment_types", "status_types", "order_types", "delivery_types"),
    ),
    (re.compile(r"/doc/totals/taxes/categories/\d+/code"), ("categories",)),
    (re.compile(r"/doc(?:/lines/\d+|/totals/taxes/categories/\d+)/(?:taxes|rates)/\d+/key"), ("tax_keys",)),
    (re.compile(r"/doc/payment/(?:instructions|advances/\d+)/key|/doc/methods/\d+/key"), ("means",)),
    (re.compile(r"/doc/lines/\d+/key"), ("status_keys",)),
    (re.compile(r"/doc/notes/\d+/key"), ("notes",)),
    (re.compile(r"/doc/\w+/(?:identities|inboxes)/\d+/(?:key|type)"), ("identities",)),
    (re.compile(r"/doc/(?:charges|lines/\d+/charges)/\d+/key"), ("charges",)),
)


def meaning(pointer: str, value: str) -> str:
    """The meaning of a code in an envelope, by its place; "" if unknown."""
    above, _, last = pointer.rpartition("/")
    if above.endswith("/ext"):
        found = extension(last, value)
        return ": ".join(each.text for each in (found.key, found.value) if each.is_known)
    if len(value) > LONGEST:
        return ""
    tables = _BY_NAME.get(last) or _BY_NAME.get(above.rpartition("/")[2])
    tables = tables or next((tables for place, tables in _BY_PLACE if place.fullmatch(pointer)), ())
    return next((made.text for made in (name(table, value) for table in tables) if made.is_known), "")


def _tables() -> dict[str, dict[str, Any]]:
    """In the active language."""
    return _tables_in((get_language() or "en").partition("-")[0])


@cache
def _tables_in(language: str) -> dict[str, dict[str, Any]]:
    folder = Path(__file__).parent
    tables: dict[str, dict[str, Any]] = json.loads((folder / "names.json").read_text("utf-8"))
    overlay = folder / f"names.{language}.json"
    return _over(tables, json.loads(overlay.read_text("utf-8"))) if overlay.exists() else tables


def _over(english: Any, translated: Any) -> Any:
    """Merges one table over the other, at any depth; missing names stay English."""
    if isinstance(english, dict):
        return {key: _over(each, translated.get(key, each)) for key, each in english.items()}
    if isinstance(english, list):
        return [_over(*pair) for pair in zip(english, translated, strict=True)]
    return translated
