"""Selects the card of a document by its schema."""

from collections.abc import Callable
from itertools import islice

from django.utils.translation import gettext_lazy as _

from jobs.gobl.envelope import Envelope
from jobs.jsontext.records import Reading, Record
from jobs.presenters.card import bills, parties
from jobs.presenters.card.model import Card, Label, Row, Seals
from jobs.presenters.card.names import name
from jobs.presenters.card.seals import seals

OTHER_ROWS = 30


def card(envelope: Envelope) -> Card | None:
    """The card of an envelope; None if the job has none. Unknown documents have a generic card."""
    if not envelope.is_object:
        return None
    sealed = seals(envelope)
    if envelope.doc is None or envelope.doc[:1] != b"{":
        return Card("", _("An envelope without a document"), sealed)
    record = Reading().record(envelope.doc, "/doc")
    return _CARDS.get(envelope.doc_kind, _other)(record, envelope, sealed)


Maker = Callable[[Record, Envelope, Seals], Card]


def _party(record: Record, envelope: Envelope, sealed: Seals) -> Card:
    party = parties.party(record, "party", _("Party"))
    return Card(envelope.doc_kind, _("Party"), sealed, number=party.name, parties=(party,), **parties.setting(record))


def _message(record: Record, envelope: Envelope, sealed: Seals) -> Card:
    rows = [
        Row("title", _("Title"), record.text("title"), record.place("title")),
        Row("content", _("Text"), record.text("content"), record.place("content")),
    ]
    return Card(envelope.doc_kind, _("Message"), sealed, rows=tuple(row for row in rows if row.value))


def _other(record: Record, envelope: Envelope, sealed: Seals) -> Card:
    """The schema's name and top-level scalars, with the document's own names."""
    scalars = (pair for pair in record.scalars() if pair.name != "$schema")
    rows = [Row(pair.name, pair.name, pair.value, record.place(pair.name)) for pair in islice(scalars, OTHER_ROWS)]
    title: Label = name("documents", envelope.doc_kind).text or _("A document without a schema")
    return Card(envelope.doc_kind, title, sealed, rows=tuple(rows), **parties.setting(record))


_CARDS: dict[str, Maker] = {
    "bill/invoice": bills.invoice,
    "bill/order": bills.order,
    "bill/delivery": bills.delivery,
    "bill/payment": bills.payment,
    "bill/status": bills.status,
    "org/party": _party,
    "note/message": _message,
}
