"""A summary card of the envelope by document type, with its seals. Text and amounts are the document's own."""

from jobs.gobl.envelope import checked
from jobs.presenters.card.card_limits import Cut, cut
from jobs.presenters.card.model import (
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
from jobs.presenters.card.names import Extension, Name, meaning
from jobs.presenters.card.qr import qr_svg
from jobs.presenters.card.registry import card

__all__ = [
    "Advance",
    "Amount",
    "Card",
    "Correction",
    "Cut",
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
    "cut",
    "meaning",
    "qr_svg",
]
