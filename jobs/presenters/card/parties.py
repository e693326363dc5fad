"""The parties of a document, such as supplier and customer, and its tax setting."""

from itertools import islice
from typing import TypedDict

from django.utils.translation import gettext_lazy as _

from jobs.jsontext.records import Pair, Record
from jobs.presenters.card.model import Label, Note, Party, Row
from jobs.presenters.card.names import Extension, Name, extension, name

MOST = 50  # items of any list


class Setting(TypedDict):
    regime: Name | None
    addons: tuple[Name, ...]
    tags: tuple[Name, ...]
    notes: tuple[Note, ...]
    extensions: tuple[Extension, ...]


def setting(record: Record) -> Setting:
    regime = record.text("$regime")
    return Setting(
        regime=name("regimes", regime) if regime else None,
        addons=tuple(name("addons", code) for code in record.texts("$addons")[:MOST]),
        tags=tuple(name("tags", code) for code in record.texts("$tags")[:MOST]),
        notes=tuple(_note(note) for note in islice(record.records("notes"), MOST)),
        extensions=extensions(record.record("tax").mapping("ext")) + extensions(record.mapping("ext")),
    )


def extensions(pairs: tuple[Pair, ...]) -> tuple[Extension, ...]:
    return tuple(extension(pair.name, pair.value) for pair in pairs[:MOST])


def party(record: Record, role: str, label: Label, absent: Label = "") -> Party:
    """The party in a record; without one, only the sentence `absent`."""
    tax_id = record.record("tax_id")
    found = Party(
        role=role,
        label=label,
        name=record.text("name"),
        alias=record.text("alias"),
        tax_country=tax_id.text("country"),
        tax_code=tax_id.text("code"),
        identities=tuple(_identity(entry) for entry in islice(record.records("identities"), MOST)),
        address=next((_address(entry) for entry in record.records("addresses")), ""),
        contacts=tuple(_contacts(record)),
        extensions=extensions(record.mapping("ext")),
        pointer=record.pointer,
    )
    is_there = found.name or found.alias or found.tax_id or found.identities or found.address
    return found if is_there else Party(role, label, pointer=record.pointer, absent=absent or _("Not given"))


def _identity(record: Record) -> Row:
    kind = record.text(record.first("label", "type", "key"))
    country = record.text("country")
    code = record.text("code")
    label = name("identities", kind).text
    return Row(kind, label or _("Identity"), f"{country} {code}".strip(), record.place("code"), code=kind)


def _address(record: Record) -> str:
    """The address on one line, in the order used in most countries; names unchanged."""
    street = " ".join(filter(None, (record.text("street"), record.text("num"), record.text("street_extra"))))
    town = " ".join(filter(None, (record.text("code"), record.text("locality"))))
    box = record.text("po_box")
    return ", ".join(filter(None, (street, box, town, record.text("region"), record.text("country"))))


def _contacts(record: Record) -> list[Row]:
    found = []
    for inbox in islice(record.records("inboxes"), MOST):
        kind = inbox.text(inbox.first("scheme", "key"))
        field = inbox.first("code", "email", "url")
        found.append(
            Row("inbox", _("Inbox"), inbox.text(field), inbox.place(field), code=name("identities", kind).text)
        )
    emails = islice(record.records("emails"), MOST)
    found += [Row("email", _("E-mail"), email.text("addr"), email.place("addr")) for email in emails]
    phones = islice(record.records("telephones"), MOST)
    found += [Row("telephone", _("Telephone"), phone.text("num"), phone.place("num")) for phone in phones]
    for person in islice(record.records("people"), MOST):
        names = person.record("name")
        full = " ".join(filter(None, (names.text("given"), names.text("surname"))))
        found.append(
            Row("person", _("Person"), full, person.pointer, code=person.text(person.first("role", "label", "key")))
        )
    return [row for row in found if row.value]


def _note(record: Record) -> Note:
    key = record.text("key")
    label = name("notes", key).text if key else ""
    return Note(label, key, record.text("text"), record.place("text"))
