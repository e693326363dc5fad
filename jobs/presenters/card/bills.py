"""Cards of GOBL's bills: invoices of every kind, orders, deliveries, payments, statuses.

Amounts are the document's own text. Nothing is calculated: an amount missing from the document is not shown.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from django.utils.translation import gettext_lazy as _

from jobs.gobl import identity
from jobs.gobl.envelope import Envelope
from jobs.jsontext.records import Record
from jobs.presenters.card.model import (
    Advance,
    Amount,
    Card,
    Correction,
    DueDate,
    Label,
    Line,
    Party,
    Row,
    Seals,
    TaxCategory,
    TaxRate,
)
from jobs.presenters.card.names import name
from jobs.presenters.card.parties import MOST, extensions, party, setting

_TITLES: dict[str, Label] = {
    "standard": _("Invoice"),
    "proforma": _("Pro-forma invoice"),
    "corrective": _("Corrective invoice"),
    "credit-note": _("Credit note"),
    "debit-note": _("Debit note"),
    "other": _("Invoice of another kind"),
}
_FACTS: dict[str, Label] = {
    "issue_date": _("Issued"),
    "issue_time": _("At"),
    "op_date": _("Date of the operation"),
    "value_date": _("Tax point"),
    "currency": _("Currency"),
}
_TOTALS: dict[str, Label] = {
    "sum": _("Sum of the lines"),
    "discount": _("Discounts"),
    "charge": _("Charges"),
    "tax_included": _("Tax in the prices"),
    "total": _("Total without tax"),
    "tax": _("Tax"),
    "total_with_tax": _("Total with tax"),
    "retained_tax": _("Withheld"),
    "outlays": _("Outlays"),
    "rounding": _("Rounding"),
    "payable": _("Payable"),
    "advance": _("Paid in advance"),
    "due": _("Outstanding"),
}
_TERMS: tuple[tuple[str, Label], ...] = (("detail", _("Payment terms")), ("notes", _("Notes on the terms")))
_REFERENCES: tuple[tuple[str, Label], ...] = (
    ("contracts", _("Contract")),
    ("purchases", _("Purchase order")),
    ("sales", _("Sales order")),
    ("projects", _("Project")),
    ("tender", _("Tender")),
)
_ROLES: dict[str, Label] = {
    "payee": _("Payee"),
    "payer": _("Payer"),
    "issuer": _("Issuer"),
    "recipient": _("Recipient"),
    "courier": _("Carrier"),
    "despatcher": _("Sent by"),
    "receiver": _("Received by"),
}


def invoice(record: Record, envelope: Envelope, seals: Seals) -> Card:
    made = _bill(record, envelope, seals, "invoice_types")
    kind = record.text("type")
    made = replace(made, title=_TITLES.get(kind, kind or _("Invoice")))
    return replace(made, total_note=_total_note(made, kind))


def order(record: Record, envelope: Envelope, seals: Seals) -> Card:
    return _bill(record, envelope, seals, "order_types")


def delivery(record: Record, envelope: Envelope, seals: Seals) -> Card:
    made = _bill(record, envelope, seals, "delivery_types")
    tracking = record.record("tracking")
    row = Row("tracking", _("Tracking"), tracking.text("code"), tracking.place("code"))
    return replace(made, rows=(*made.rows, row) if row.value else made.rows)


def payment(record: Record, envelope: Envelope, seals: Seals) -> Card:
    made = _bill(record, envelope, seals, "payment_types")
    currency = record.text("currency")
    methods = [_method(entry, currency) for entry in islice(record.records("methods"), MOST)]
    total = _amount_row(record, "total", _("Total paid"), currency)
    lines = [_payment_line(entry, currency) for entry in islice(record.records("lines"), MOST)]
    return replace(made, rows=(*made.rows, *methods), totals=(total,) if total else (), total=total, lines=tuple(lines))


def status(record: Record, envelope: Envelope, seals: Seals) -> Card:
    made = _bill(record, envelope, seals, "status_types")
    return replace(made, lines=tuple(_status_line(entry) for entry in islice(record.records("lines"), MOST)))


def _bill(record: Record, envelope: Envelope, seals: Seals, types: str) -> Card:
    currency = record.text("currency")
    totals = record.record("totals")
    rows = [_amount_row(totals, key, label, currency) for key, label in _TOTALS.items()]
    shown = tuple(row for row in rows if row)
    number = identity.number(record)
    return Card(
        kind=envelope.doc_kind,
        title=name(types, record.text("type")).text or name("documents", envelope.doc_kind).text,
        seals=seals,
        number=number,
        number_note="" if number else _("No number yet"),
        rows=tuple(_facts(record, types)),
        parties=tuple(_parties(record)),
        taxes=tuple(_category(entry, currency) for entry in islice(totals.record("taxes").records("categories"), MOST)),
        totals=shown,
        total=_main(shown),
        due_dates=tuple(_due_dates(record, currency)),
        advances=tuple(_advances(record.record("payment"), currency)),
        exchange_rates=tuple(_exchange_rates(record)),
        corrects=tuple(_correction(entry) for entry in islice(record.records("preceding"), MOST)),
        line_count=sum(1 for _place, _entry in record.objects("lines")),
        **setting(record),
    )


def _main(totals: tuple[Row, ...]) -> Row | None:
    """The total to show large: the closest to the amount due."""
    by_key = {row.key: row for row in totals}
    due = by_key.get("due")
    if due and due.amount and due.amount.value == 0 and "payable" in by_key:
        return replace(by_key["payable"], label=_("Paid"))
    if due and due.amount and due.amount.value is not None:
        return due
    return next((by_key[key] for key in ("payable", "total_with_tax", "total") if key in by_key), None)


def _facts(record: Record, types: str) -> Iterator[Row]:
    kind = record.text("type")
    if kind:
        yield Row("type", _("Type"), name(types, kind).text, record.place("type"), code=kind)
    for key, label in _FACTS.items():
        value = record.text(key)
        if value:
            yield Row(key, label, value, record.place(key))
    delivered = record.record("delivery")
    yield from _texts(delivered, (("date", _("Delivery date")),))
    yield from _ordering(record.record("ordering"))
    yield from _instructions(record.record("payment").record("instructions"))
    yield from _texts(record.record("payment").record("terms"), _TERMS)
    for field, label in (("discounts", _("Discount")), ("charges", _("Charge"))):
        yield from _reasons(record, field, label)


def _texts(record: Record, labels: tuple[tuple[str, Label], ...]) -> Iterator[Row]:
    for key, label in labels:
        value = record.text(key)
        if value:
            yield Row(key, label, value, record.place(key))


def _reasons(record: Record, field: str, label: Label) -> Iterator[Row]:
    """Reasons of the document; those of its lines are only in the envelope."""
    currency = record.text("currency")
    for entry in islice(record.records(field), MOST):
        reason = entry.text(entry.first("reason", "code", "key"))
        if reason:
            yield Row(field, label, reason, entry.pointer, _amount(entry, "amount", currency))


def _ordering(record: Record) -> Iterator[Row]:
    period = record.record("period")
    if record.text("code"):
        yield Row("order", _("Order"), record.text("code"), record.place("code"))
    for field, label in _REFERENCES:
        codes = (identity.number(entry) for entry in islice(record.records(field), MOST))
        numbers = ", ".join(filter(None, codes))
        if numbers:
            yield Row(field, label, numbers, record.place(field))
    if period.text("start"):
        yield Row("period", _("Period"), f"{period.text('start')} – {period.text('end')}", period.pointer)


def _instructions(record: Record) -> Iterator[Row]:
    key = record.text("key")
    if key:
        yield Row("instructions", _("Payment method"), name("means", key).text, record.place("key"), code=key)
    yield from _texts(record, (("ref", _("Payment reference")), ("detail", _("Payment details"))))
    for account in islice(record.records("credit_transfer"), MOST):
        numbers = (account.text(key) for key in ("iban", "number", "bic", "name"))
        yield Row("account", _("Account to pay to"), " · ".join(filter(None, numbers)), account.pointer)
    debit = record.record("direct_debit")
    numbers = (debit.text(key) for key in ("ref", "creditor", "account"))
    if debited := " · ".join(filter(None, numbers)):
        yield Row("direct_debit", _("Direct debit"), debited, debit.pointer)
    yield from _texts(record, (("notes", _("Payment notes")),))


def _parties(record: Record) -> Iterator[Party]:
    yield party(record.record("supplier"), "supplier", _("Supplier"), _("No supplier"))
    is_simplified = "simplified" in record.texts("$tags")
    absent = _("No customer (simplified)") if is_simplified else _("No customer")
    yield party(record.record("customer"), "customer", _("Customer"), absent)
    paid = record.record("payment")
    for role, label in _ROLES.items():
        here = record.record(role)
        found = party(paid.record(role) if role == "payee" and not here.text("name") else here, role, label)
        if not found.absent:
            yield found


def _category(record: Record, currency: str) -> TaxCategory:
    return TaxCategory(
        name=name("categories", record.text("code")),
        amount=Amount(record.text("amount"), currency),
        is_retained=bool(record.yes("retained")),
        surcharge=_amount(record, "surcharge", currency),
        rates=tuple(_rate(entry, currency) for entry in islice(record.records("rates"), MOST)),
    )


def _rate(record: Record, currency: str) -> TaxRate:
    surcharge = record.record("surcharge")
    key = record.text("key")
    return TaxRate(
        key=name("tax_keys", key) if key else name("rates", record.text("rate")),
        base=Amount(record.text("base"), currency),
        amount=Amount(record.text("amount"), currency),
        percent=record.text("percent"),
        surcharge_percent=surcharge.text("percent"),
        surcharge=_amount(surcharge, "amount", currency),
        country=record.text("country"),
        extensions=extensions(record.mapping("ext")),
        pointer=record.pointer,
    )


def _due_dates(record: Record, currency: str) -> Iterator[DueDate]:
    for entry in islice(record.record("payment").record("terms").records("due_dates"), MOST):
        amount = _amount(entry, "amount", entry.text("currency") or currency)
        yield DueDate(entry.text("date"), amount, entry.text("percent"), entry.text("notes"), entry.pointer)


def _advances(record: Record, currency: str) -> Iterator[Advance]:
    for entry in islice(record.records("advances"), MOST):
        key = entry.text("key")
        yield Advance(
            date=entry.text("date"),
            amount=_amount(entry, "amount", entry.text("currency") or currency),
            percent=entry.text("percent"),
            description=entry.text("description"),
            key=name("means", key) if key else None,
            pointer=entry.pointer,
        )


def _exchange_rates(record: Record) -> Iterator[Row]:
    """[D] `amount` is what 1 of the currency `from` is worth in the currency `to`."""
    for entry in islice(record.records("exchange_rates"), MOST):
        value = f"1 {entry.text('from')} = {entry.text('amount')} {entry.text('to')}"
        yield Row("exchange_rate", _("Exchange rate"), value, entry.pointer, note=entry.text("at"))


def _correction(record: Record) -> Correction:
    kind = record.text("type")
    return Correction(
        number=identity.number(record),
        date=record.text("issue_date"),
        type=name("invoice_types", kind) if kind else None,
        reason=record.text("reason"),
        authority=_stamped(record),
        uuid=record.text("uuid"),
        pointer=record.pointer,
    )


def _stamped(record: Record) -> str:
    """Numbers an authority gave the corrected document."""
    stamps = (f"{stamp.text('prv')} {stamp.text('val')}".strip() for stamp in islice(record.records("stamps"), MOST))
    return " · ".join(filter(None, stamps))


def _method(record: Record, currency: str) -> Row:
    key = record.text("key")
    amount = _amount(record, "amount", record.text("currency") or currency)
    return Row("method", _("Paid by"), name("means", key).text, record.pointer, amount, code=key)


def _payment_line(record: Record, currency: str) -> Line:
    document = record.record("document")
    return Line(
        number=identity.number(document),
        date=document.text("issue_date"),
        description=record.text("description") or document.text("description"),
        amount=_amount(record, "amount", record.text("currency") or currency),
        pointer=record.pointer,
    )


def _status_line(record: Record) -> Line:
    document = record.record("doc")
    key = record.text("key")
    return Line(
        number=identity.number(document),
        key=name("status_keys", key) if key else None,
        date=record.text("date") or document.text("issue_date"),
        description=record.text("description"),
        details=(*_details(record, "reasons"), *_details(record, "actions"), *_codes(record)),
        pointer=record.pointer,
    )


def _codes(record: Record) -> Iterator[str]:
    """Country-specific codes, such as the French life-cycle ones."""
    for each in extensions(record.mapping("ext")):
        yield f"{each.key.text or each.key.code}: {each.value.text or each.value.code}"


def _details(record: Record, field: str) -> Iterator[str]:
    for entry in islice(record.records(field), MOST):
        key = entry.text(entry.first("key", "code"))
        text = ": ".join(filter(None, ("" if key == "none" else key, entry.text("description"))))
        if text:
            yield text


def _amount(record: Record, key: str, currency: str) -> Amount | None:
    text = record.text(key)
    return Amount(text, currency) if text else None


def _amount_row(record: Record, key: str, label: Label, currency: str) -> Row | None:
    amount = _amount(record, key, currency)
    return Row(key, label, amount.text, record.place(key), amount) if amount else None


def _total_note(made: Card, kind: str) -> Label:
    amounts = {row.key: row.amount.value for row in made.totals if row.amount}
    if kind == "credit-note":
        return _("A credit: amounts are shown as positive and are refunded to the customer.")
    if amounts.get("payable") in (None, amounts.get("total_with_tax")):
        return ""
    if amounts.get("retained_tax"):
        return _("Payable is the total with tax, less the tax withheld.")
    if amounts.get("rounding"):
        return _("Payable is the total with tax, rounded.")
    return _("Payable is not the total with tax.")
