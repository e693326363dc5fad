"""Cuts a card to fit the page. All limits of the card are here; the page budget weighs the rest."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from jobs.presenters.card.model import Card, Line, Party, Seals, TaxCategory, TaxRate

Item = TypeVar("Item")

PARTIES, IDENTITIES, CONTACTS, PARTY_EXTENSIONS = 4, 2, 4, 8
SIGNATURES, WARNINGS, STAMPS, CODES, LINKS, IGNORED_RULES = 3, 5, 8, 3, 4, 5
ROWS, LINES, LINE_DETAILS, NOTES, CORRECTIONS = 26, 10, 4, 3, 3
ADDONS, TAGS, EXTENSIONS = 4, 4, 4
TOTALS, TAXES, RATES, RATE_EXTENSIONS = 13, 4, 6, 6
ADVANCES, DUE_DATES, EXCHANGE_RATES = 3, 4, 2


class Cut(tuple[Item, ...]):  # noqa: SLOT001 (a tuple can have no slots with something in them)
    """The first `limit` items; `left_out` counts the others."""

    left_out: int

    def __new__(cls, things: Iterable[Item], limit: int) -> "Cut[Item]":
        everything = tuple(things)
        cut = super().__new__(cls, everything[:limit])
        cut.left_out = len(everything) - len(cut)
        return cut


def cut(card: Card) -> Card:
    """The card with each list cut to its limit."""
    return replace(
        card,
        seals=_seals(card.seals),
        rows=Cut(card.rows, ROWS),
        parties=Cut(map(_party, card.parties), PARTIES),
        taxes=Cut(map(_tax, card.taxes), TAXES),
        totals=Cut(card.totals, TOTALS),
        due_dates=Cut(card.due_dates, DUE_DATES),
        advances=Cut(card.advances, ADVANCES),
        exchange_rates=Cut(card.exchange_rates, EXCHANGE_RATES),
        corrects=Cut(card.corrects, CORRECTIONS),
        lines=Cut(map(_line, card.lines), LINES),
        notes=Cut(card.notes, NOTES),
        addons=Cut(card.addons, ADDONS),
        tags=Cut(card.tags, TAGS),
        extensions=Cut(card.extensions, EXTENSIONS),
    )


def _seals(seals: Seals) -> Seals:
    return replace(
        seals,
        signatures=Cut(seals.signatures, SIGNATURES),
        stamps=Cut(seals.stamps, STAMPS),
        codes=Cut(seals.codes, CODES),
        links=Cut(seals.links, LINKS),
        ignored_rules=Cut(seals.ignored_rules, IGNORED_RULES),
        warnings=Cut(seals.warnings, WARNINGS),
    )


def _party(party: Party) -> Party:
    return replace(
        party,
        identities=Cut(party.identities, IDENTITIES),
        contacts=Cut(party.contacts, CONTACTS),
        extensions=Cut(party.extensions, PARTY_EXTENSIONS),
    )


def _tax(tax: TaxCategory) -> TaxCategory:
    return replace(tax, rates=Cut(map(_rate, tax.rates), RATES))


def _rate(rate: TaxRate) -> TaxRate:
    return replace(rate, extensions=Cut(rate.extensions, RATE_EXTENSIONS))


def _line(line: Line) -> Line:
    return replace(line, details=Cut(line.details, LINE_DETAILS))
