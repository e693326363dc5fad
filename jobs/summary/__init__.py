"""The envelope at a glance: a card by kind of document, with its seals. Text and amounts are the document's own."""

from jobs.invopop.gobl import checked
from jobs.summary.cards import (
    Advance,
    Amount,
    Card,
    Correction,
    DueDate,
    Line,
    Note,
    Party,
    Row,
    Seals,
    Signed,
    Stamped,
    TaxCategory,
    TaxRate,
)
from jobs.summary.documents import card
from jobs.summary.names import Extension, Name, meaning
from jobs.summary.qr import qr_svg

__all__ = [
    "Advance",
    "Amount",
    "Card",
    "Correction",
    "DueDate",
    "Extension",
    "Line",
    "Name",
    "Note",
    "Party",
    "Row",
    "Seals",
    "Signed",
    "Stamped",
    "TaxCategory",
    "TaxRate",
    "card",
    "checked",
    "meaning",
    "qr_svg",
]
