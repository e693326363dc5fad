"""Where a step sends a document and what its OK proves: one table by action id.

The last word of an id proves nothing: `gov-fr.directory.record` sends nothing, and `peppol.send` gets no acceptance.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import takewhile

from jobs.diagnosis import actions
from jobs.diagnosis.document_states import Document

ACCEPTED, DELIVERED, SUBMITTED, RECORDED = (
    Document.ACCEPTED, Document.DELIVERED, Document.SUBMITTED, Document.RECORDED,
)  # fmt: skip


class Role(IntEnum):
    """A destination's importance for the document. The lowest one present is the main one."""

    CLEARS = 0  # the authority that accepts or rejects it
    DELIVERS = 1  # the network that delivers it to the buyer
    COPY = 2  # a copy for an authority, beside the delivery
    REGISTER = 3  # the supplier's own register; nothing is sent
    MAIL = 4
    ARCHIVE = 5


@dataclass(frozen=True, slots=True)
class Destination:
    to: str  # a proper name, or a key of presenters.labels.DESTINATIONS
    role: Role
    ok: Document
    source: str


MAIL, ARCHIVE = "email", "archive"
ANSWERED = "the step waits for the authority's answer"
DESTINATIONS: Mapping[str, Destination] = {
    "verifactu.send": Destination("AEAT", Role.CLEARS, ACCEPTED, ANSWERED),
    # Both are of the AEAT; a job may use both, and one may refuse what the other accepts.
    "gov-es.sii.record.issued": Destination("SII", Role.CLEARS, ACCEPTED, ANSWERED),
    "gov-es.sii.record.received": Destination("SII", Role.CLEARS, ACCEPTED, ANSWERED),
    "gov-es.ticketbai.send": Destination("TicketBAI", Role.CLEARS, ACCEPTED, ANSWERED),
    "sat-mx": Destination("SAT", Role.CLEARS, ACCEPTED, ANSWERED),
    "gov-ar.send": Destination("ARCA", Role.CLEARS, ACCEPTED, ANSWERED),
    "gov-co.send": Destination("DIAN", Role.CLEARS, ACCEPTED, ANSWERED),
    "plemsi": Destination("DIAN", Role.CLEARS, ACCEPTED, ANSWERED),
    "nfe-br.send": Destination("Prefeitura", Role.CLEARS, ACCEPTED, ANSWERED),
    "nfe-br.send.nfe": Destination("SEFAZ", Role.CLEARS, ACCEPTED, ANSWERED),
    "nfe-br.send.nfce": Destination("SEFAZ", Role.CLEARS, ACCEPTED, ANSWERED),
    "nfe-br.send.nfse": Destination("Prefeitura", Role.CLEARS, ACCEPTED, ANSWERED),
    "ilyda.send": Destination("myDATA", Role.CLEARS, ACCEPTED, ANSWERED),
    "gov-pl.send": Destination("KSeF", Role.CLEARS, ACCEPTED, ANSWERED),
    "gov-sa.invoice.send": Destination("ZATCA", Role.CLEARS, ACCEPTED, ANSWERED),
    "ticket-it.send": Destination("AdE", Role.CLEARS, ACCEPTED, ANSWERED),
    "sdi-it.send": Destination("SDI", Role.CLEARS, ACCEPTED, "SDI sending guide; its code says more"),
    "at-pt.send": Destination("AT", Role.CLEARS, SUBMITTED, "AT app; code 0 is AT's own acceptance"),
    "peppol.send": Destination("Peppol", Role.DELIVERS, DELIVERED, "Peppol guide: the receiver's access point took it"),
    "gov-dk.send": Destination("NemHandel", Role.DELIVERS, DELIVERED, "NemHandel guide: eCourier confirms delivery"),
    "gov-fi.send": Destination("Finvoice", Role.DELIVERS, DELIVERED, "Finvoice guide"),
    "chorus-pro.send": Destination("Chorus Pro", Role.DELIVERS, SUBMITTED, "Chorus Pro guide: tracked afterwards"),
    "invoicexpress": Destination("InvoiceXpress", Role.DELIVERS, SUBMITTED, "retired service; no more is documented"),
    "gov-fr.directory.forward": Destination("PPF", Role.COPY, SUBMITTED, "France app: apart from the delivery"),
    "gov-fr.reporting.send": Destination("PPF", Role.COPY, SUBMITTED, "France app"),
    "gov-fr.reporting.record": Destination("e-reporting", Role.REGISTER, RECORDED, "France app: the next report"),
    "at-pt.record": Destination("SAF-T", Role.REGISTER, RECORDED, "Portugal app: kept for the SAF-T file"),
    "gov-es.noverifactu.record": Destination("NO VERI*FACTU", Role.REGISTER, RECORDED, "Spain app: own register"),
    "sat-mx.platforms.record": Destination("SAT-platforms", Role.REGISTER, RECORDED, "Mexico app"),
    "email.send": Destination(MAIL, Role.MAIL, DELIVERED, "e-mail guide"),
    "sdi-it.archive.store": Destination(ARCHIVE, Role.ARCHIVE, RECORDED, "Italy archive app"),
}
# Sounds like sending but only records "ahead of transmission". [D] France app
NO_DESTINATION = {"gov-fr.directory.record"}
# [I] An unknown id with one of these words sends; its OK proves only that the document was submitted.
_words = re.compile(r"[._-]")
_sends = re.compile(r"(?:re)?(?:send|submit|transmit)(?!t?er|tal)")
# With one of these words it only asks about or prepares a submission: "send.status", "send-preview".
_ASKS = {
    "status", "state", "check", "query", "poll", "get", "fetch", "read", "receive", "lookup", "find", "validate",
    "verify", "preview", "prepare", "test", "draft", "schedule", "response",
}  # fmt: skip
_stays_inside = re.compile(r"^(?:webhook|slack|teams|sms|chargebee|stripe|silo|transform|cron)(?:[._-]|$)")
_mails = re.compile(r"^e?mail(?:[._-]|$)")
# Stamps only the authority can give; a QR code or hash is made before anything is sent.
ISSUERS = {
    "sat-uuid": "SAT", "arca-cae": "ARCA", "favat-ksef-number": "KSeF", "iapr-mark": "myDATA", "ade-ref": "AdE",
    "sefaz-auth": "SEFAZ", "sefaz-key": "SEFAZ", "dian-cude": "DIAN",
}  # fmt: skip


def stays_inside(provider: str) -> bool:
    """Whether a step only edits the entry or notifies the team, reaching no customer or authority."""
    return _stays_inside.match(provider.strip().lower()[:200]) is not None


@lru_cache(maxsize=1024)
def destination(provider: str) -> Destination | None:
    """Where a step with this action sends or stores the document; None for other steps."""
    action = provider.strip().lower()[:200]
    found = DESTINATIONS.get(action)
    if found is not None or action in NO_DESTINATION:
        return found
    words = _words.split(action)
    if not any(map(_sends.match, words)) or _ASKS.intersection(words) or _stays_inside.match(action):
        return None
    if _mails.match(action):
        return Destination(MAIL, Role.MAIL, DELIVERED, "by its name")
    if actions.category(action) not in {actions.Category.SUBMIT, actions.Category.OTHER}:
        return None
    role = Role.CLEARS if action.startswith("gov-") else Role.DELIVERS
    return Destination(actions.name(action) or _app(action), role, SUBMITTED, "by its name")


def _app(action: str) -> str:
    """The part before the verb: "gov-xx.tax" of "gov-xx.tax.send"; other actions of gov-xx may send elsewhere."""
    before = takewhile(lambda part: not any(map(_sends.match, _words.split(part))), action.split("."))
    return ".".join(before)[:40] or action[:40]
