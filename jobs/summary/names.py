"""Readable names for GOBL's codes, in our words. Where the table has none, the code itself is all there is to show."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Name:
    """A code with its readable name; `text` is the code itself where we know no name."""

    code: str
    text: str

    @property
    def is_known(self) -> bool:
        return self.text != self.code


@dataclass(frozen=True, slots=True)
class Extension:
    """A coded value that a country's rules ask for: "es-verifactu-doc-type: F1"."""

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


@cache
def _tables() -> dict[str, dict[str, Any]]:
    tables: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("names.json").read_text("utf-8"))
    return tables
