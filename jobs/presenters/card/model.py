"""A card's data for templates. Labels are ours and translated; values are the document's.

Every `pointer` is a JSON Pointer into the envelope, for links to the JSON viewer.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.functional import Promise

from jobs.gobl.envelope import Digest, HeadLink
from jobs.invopop.file_links import Link
from jobs.presenters.card.names import Extension, Name

Label = str | Promise

_plain = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,15})?")  # no exponents: 1e999999999 would be written out


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum of money with the document's digits; `currency` is an ISO code or ""."""

    text: str
    currency: str = ""

    @property
    def value(self) -> Decimal | None:
        """The sum as a number; None if the text is not a plain number of reasonable length."""
        return Decimal(self.text) if _plain.fullmatch(self.text) else None


@dataclass(frozen=True, slots=True)
class Row:
    """A label and a value. `code` is the raw value where `value` is our name for it."""

    key: str
    label: Label
    value: str = ""
    pointer: str = ""
    amount: Amount | None = None
    code: str = ""
    note: Label = ""


@dataclass(frozen=True, slots=True)
class Party:
    """`absent` is a sentence if there is no such party; then the rest is empty."""

    role: str  # supplier, customer, payee, …; "party" if the document is one
    label: Label
    name: str = ""
    alias: str = ""
    tax_country: str = ""
    tax_code: str = ""
    identities: tuple[Row, ...] = ()
    address: str = ""
    contacts: tuple[Row, ...] = ()
    extensions: tuple[Extension, ...] = ()
    pointer: str = ""
    absent: Label = ""

    @property
    def tax_id(self) -> str:
        return f"{self.tax_country} {self.tax_code}".strip()


@dataclass(frozen=True, slots=True)
class TaxRate:
    """`percent` is "" if the document has none (exempt, reverse charge), which is not 0 %."""

    key: Name
    base: Amount
    amount: Amount
    percent: str = ""
    surcharge_percent: str = ""
    surcharge: Amount | None = None
    country: str = ""  # if another country's rate applies
    extensions: tuple[Extension, ...] = ()
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class TaxCategory:
    name: Name
    amount: Amount
    is_retained: bool = False  # withheld: deducted from the payable amount
    surcharge: Amount | None = None
    rates: tuple[TaxRate, ...] = ()


@dataclass(frozen=True, slots=True)
class DueDate:
    date: str
    amount: Amount | None = None
    percent: str = ""
    note: str = ""
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Advance:
    """A payment made earlier; `key` is the payment means."""

    date: str
    amount: Amount | None = None
    percent: str = ""
    description: str = ""
    key: Name | None = None
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """A document that this one corrects or follows."""

    number: str
    date: str = ""
    type: Name | None = None
    reason: str = ""
    authority: str = ""  # numbers assigned by an authority
    uuid: str = ""
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    label: str
    code: str
    text: str
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a payment or status: the document it is about, and details."""

    number: str
    key: Name | None = None
    date: str = ""
    description: str = ""
    amount: Amount | None = None
    details: tuple[str, ...] = ()
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Stamped:
    """A stamp of an authority. `link` is its verification page; `qr` is the text of a QR code, or ""."""

    name: Name
    value: str
    link: Link | None = None
    qr: str = ""
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature states, without verifying it; a match is None if nothing can be compared."""

    algorithm: str
    key_id: str
    at: datetime | None
    issuer: str
    uuid_matches: bool | None
    digest_matches: bool | None
    is_readable: bool


@dataclass(frozen=True, slots=True)
class Seals:
    is_signed: bool
    is_draft: bool
    digest: Digest
    uuid: str = ""
    digest_value: str = ""
    signatures: tuple[Signed, ...] = ()
    signature_count: int = 0
    stamps: tuple[Stamped, ...] = ()
    stamp_count: int = 0
    codes: tuple[Stamped, ...] = ()  # the stamps to draw as a QR code
    links: tuple[tuple[HeadLink, Link | None], ...] = ()
    ignored_rules: tuple[str, ...] = ()
    warnings: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    kind: str  # "bill/invoice"; the whole schema if it is not GOBL's; "" without a document
    title: Label
    seals: Seals
    number: str = ""  # series and code; "" if there is none yet
    number_note: Label = ""
    rows: tuple[Row, ...] = ()  # what all documents of the type have: type, dates, currency
    parties: tuple[Party, ...] = ()
    taxes: tuple[TaxCategory, ...] = ()
    totals: tuple[Row, ...] = ()
    total: Row | None = None  # the total to show large: payable, or that of a payment
    total_note: Label = ""  # why payable differs from the total with tax, or why a credit is positive
    due_dates: tuple[DueDate, ...] = ()
    advances: tuple[Advance, ...] = ()
    exchange_rates: tuple[Row, ...] = ()
    corrects: tuple[Correction, ...] = ()
    lines: tuple[Line, ...] = ()
    line_count: int = 0  # of all lines in the document
    notes: tuple[Note, ...] = ()
    regime: Name | None = None
    addons: tuple[Name, ...] = ()
    tags: tuple[Name, ...] = ()
    extensions: tuple[Extension, ...] = ()

    @property
    def setting(self) -> list[Label]:
        """The subtitle: the tax regime, and the tags of the document."""
        names = [each.text for each in (*self.addons, *self.tags)]
        regime = self.regime.text if self.regime else ""
        is_named = any(each.startswith(f"{regime}, ") for each in names)  # "Spain, VERI*FACTU" names the country too
        return [each for each in (self.number_note, "" if is_named else regime, *names) if each]
