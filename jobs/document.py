"""What became of the document, which is another question than what became of the job: a dead webhook makes a job fail
whose invoice the tax authority accepted, and a skipped step makes a green job that sent nothing."""

import re
from enum import StrEnum

import msgspec

from jobs import actions
from jobs.actions import Category
from jobs.invopop.payload import Intent, Job


class Document(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SUBMITTED = "submitted"
    DELIVERED_PENDING = "delivered_pending"
    ALREADY_SENT = "already_sent"
    NOT_SENT = "not_sent"
    SUBMITTED_UNKNOWN = "submitted_unknown"
    NOT_APPLICABLE = "not_applicable"
    NONE = "none"  # nothing sent yet, or there is no document
    UNKNOWN = "unknown"


# What a refused submission's code says about the document. [D] sending guides of SDI, Finvoice, VERI*FACTU
BY_CODE = {
    ("sdi-it", "deadline-terms"): Document.ACCEPTED,  # delivered by law, although the step is KO
    ("sdi-it", "invoice-error"): Document.SUBMITTED_UNKNOWN,
    ("gov-fi", "send-unconfirmed"): Document.SUBMITTED_UNKNOWN,
    ("gov-fi", "supplier-address-missing"): Document.NOT_SENT,
    ("gov-fi", "payment-account-missing"): Document.NOT_SENT,
    ("gov-fi", "receiver-not-einvoice"): Document.NOT_SENT,
    ("verifactu", "3000"): Document.ALREADY_SENT,
}
# Refusals at the door: the document never reached the other side.
BEFORE_SENDING = re.compile(
    r"access denied|not registered|failed to create session|receiver not found|validation:|\[?GOBL-|requires a silo entry"
    r"|unexpected data error|certificate|unauthori[sz]ed|forbidden",
    re.IGNORECASE,
)
UNCERTAIN = re.compile(r"unconfirmed|connection (?:was )?(?:lost|broken|closed|reset)|timed? ?out", re.IGNORECASE)
# Only the authority itself can have given these; a QR code or a hash is made before anything is sent.
ISSUED = {"sat-uuid", "arca-cae", "favat-ksef-number", "iapr-mark", "ade-ref", "sefaz-auth", "sefaz-key"}
ABOUT_PEOPLE = {Category.REGISTER, Category.UNREGISTER, Category.WAIT_HUMAN, Category.WAIT_HUMAN_SETUP}
_read = msgspec.json.Decoder(dict[str, msgspec.Raw])


def document(job: Job, words: list[str], failed: int | None, *, is_open: bool) -> Document:
    """`words`: the last event's word of each intent; `failed`: the first that ended KO or TIMEOUT. Never raises."""
    sent = [place for place, intent in enumerate(job.intents) if actions.category(intent.provider) == Category.SUBMIT]
    if sent:
        return _submitted([(job.intents[place], words[place]) for place in sent], is_open=is_open)
    schema = _schema(job.envelope)
    if job.envelope is not None and not schema.startswith("bill/") or _is_about_people(job):
        return Document.NOT_APPLICABLE if job.intents else Document.NONE
    if is_open or job.envelope is None and failed is not None:
        return Document.NONE
    if ISSUED.intersection(_stamps(job.envelope)):
        return Document.ACCEPTED
    if failed is not None or job.faults:
        return Document.NOT_SENT
    return Document.NOT_APPLICABLE if job.intents else Document.NONE


def _submitted(steps: list[tuple[Intent, str]], *, is_open: bool) -> Document:
    """Several steps may send; what went wrong counts before what went well, what waits before what is done."""
    refused = next((intent for intent, word in steps if word in {"KO", "TIMEOUT"}), None)
    if refused is not None:
        return _refused(refused)
    last, word = steps[-1]
    if word == "OK":
        return Document.ACCEPTED
    if word in {"QUEUED", "POKE"} or _has_waited(last):
        return _waiting(last)
    if word == "SKIP":
        return Document.ACCEPTED if any(word == "OK" for _, word in steps) else Document.ALREADY_SENT
    if word in {"", "NA", "RUN", "ERR"}:
        return Document.NONE if is_open else Document.SUBMITTED_UNKNOWN
    return Document.UNKNOWN


def _refused(intent: Intent) -> Document:
    event = intent.events[-1] if intent.events else None
    code, message = (event.code.strip().lower(), event.message[:2000]) if event else ("", "")
    for (provider, known), meaning in BY_CODE.items():
        if intent.provider.startswith(provider) and code == known:
            return meaning
    if event is not None and event.status.strip().upper() == "TIMEOUT" or UNCERTAIN.search(f"{code} {message}"):
        return Document.SUBMITTED_UNKNOWN
    if BEFORE_SENDING.search(f"{code} {message}"):
        return Document.NOT_SENT
    return Document.REJECTED


def _has_waited(intent: Intent) -> bool:
    """A step that is run again after it waited has handed the document over before."""
    return any(event.status.strip().upper() == "QUEUED" for event in intent.events)


def _waiting(intent: Intent) -> Document:
    codes = [event.code.strip().lower() for event in intent.events if event.status.strip().upper() == "QUEUED"]
    return Document.DELIVERED_PENDING if codes and codes[-1].startswith("delivered") else Document.SUBMITTED


def _is_about_people(job: Job) -> bool:
    return any(actions.category(intent.provider) in ABOUT_PEOPLE for intent in job.intents)


def _schema(envelope: bytes | None) -> str:
    """ "bill/invoice" and the like; "" where it cannot be told."""
    schema = _text(_member(_member(envelope, "doc"), "$schema"))
    return schema.rpartition("/draft-0/")[2]


def _stamps(envelope: bytes | None) -> set[str]:
    try:
        stamps = msgspec.json.decode(_member(_member(envelope, "head"), "stamps") or b"[]", type=list[dict[str, object]])
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return set()
    return {str(stamp.get("prv")) for stamp in stamps}


def _member(raw: bytes | None, name: str) -> bytes | None:
    try:
        value = _read.decode(raw or b"{}").get(name)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None
    return bytes(value) if value is not None else None


def _text(raw: bytes | None) -> str:
    try:
        return msgspec.json.decode(raw or b'""', type=str)
    except (msgspec.MsgspecError, ValueError):
        return ""
