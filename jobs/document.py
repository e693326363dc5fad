"""What became of the document, which is another question than what became of the job: a dead webhook makes a job fail
whose invoice the tax authority accepted, and a skipped step makes a green job that sent nothing."""

import re
from enum import StrEnum
from typing import TypeVar

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
    ("sdi-it", "not-delivered"): Document.ACCEPTED,  # valid; the customer fetches it
    ("sdi-it", "not-received"): Document.ACCEPTED,
    ("sdi-it", "invoice-error"): Document.SUBMITTED_UNKNOWN,
    ("gov-fi", "send-unconfirmed"): Document.SUBMITTED_UNKNOWN,
    ("gov-fi", "supplier-address-missing"): Document.NOT_SENT,
    ("gov-fi", "payment-account-missing"): Document.NOT_SENT,
    ("gov-fi", "receiver-not-einvoice"): Document.NOT_SENT,
    ("verifactu", "3000"): Document.ALREADY_SENT,
}
# [I] What a refusal's words say, the first that fits: the other side has it; nobody knows; it never got there.
BY_WORDS = {
    Document.ALREADY_SENT: r"""
        \bduplicated?\W{1,3}(?:invoice|document|number|record)\b | (?:registro|factura)\b.{0,30}\bduplicad
        | duplicidade | duplikat | fattura\ duplicata""",
    Document.SUBMITTED_UNKNOWN: r"""
        unconfirmed | connection\ (?:was\ )?(?:lost|broken|closed|reset) | time[d-]?\ ?out | too\ many\ queued
        | bad\ gateway | unexpected\ data\ error | unexpected\ EOF""",
    Document.NOT_SENT: r"""
        access\ denied | not\ registered | failed\ to\ create\ session | receiver\ not\ found | ^\s{0,9}validation:
        | \bGOBL- | requires\ a\ silo\ entry | certificate | unauthori[sz]ed | forbidden | unavailable
        | connection\ refused | no\ such\ host | too\ many\ requests""",
}
_by_words = tuple((meaning, re.compile(words, re.IGNORECASE | re.VERBOSE)) for meaning, words in BY_WORDS.items())
# Only the authority itself can have given these; a QR code or a hash is made before anything is sent.
ISSUED = {"sat-uuid", "arca-cae", "favat-ksef-number", "iapr-mark", "ade-ref", "sefaz-auth", "sefaz-key"}
REFUSED = {"KO", "TIMEOUT"}
# Jobs about people, and those that take a document back: sending is not what they are for.
NO_SENDING = {
    Category.REGISTER, Category.UNREGISTER, Category.WAIT_HUMAN, Category.WAIT_HUMAN_SETUP, Category.CANCEL,
}  # fmt: skip
STAMPS = 200  # that are looked at
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_entries = msgspec.json.Decoder(list[msgspec.Raw])
_text = msgspec.json.Decoder(str)
Read = TypeVar("Read")
SETTLED = {Document.ALREADY_SENT, Document.ACCEPTED, Document.UNKNOWN}  # a stamp tells no more
NOT_YET = {"", "NA", "RUN", "ERR"}


def document(job: Job, words: list[str], failed: int | None, *, is_open: bool, sends: bool | None = None) -> Document:
    """What is known of the document. Never raises.

    `words`: the last event's word of each intent; `failed`: the first that ended KO or TIMEOUT; `sends`: whether the
    workflow has a step that sends, None where the workflow is not known.
    """
    sent = [place for place, intent in enumerate(job.intents) if actions.category(intent.provider) == Category.SUBMIT]
    kind, stamps = _envelope(job.envelope)
    if sent:
        found = _submitted([(job.intents[place], words[place]) for place in sent], is_open=is_open)
    else:
        found = _unsent(job, kind, failed, is_open=is_open, sends=sends)
    if found in SETTLED or not ISSUED.intersection(stamps) or (not sent and _is_about(job, NO_SENDING)):
        return found
    return Document.ACCEPTED


def _unsent(job: Job, kind: str, failed: int | None, *, is_open: bool, sends: bool | None) -> Document:
    """No step has sent anything yet."""
    if not job.intents:
        return Document.NONE if job.created_at or job.status or job.completed_at else Document.UNKNOWN
    if (kind and not kind.startswith("bill/")) or _is_about(job, NO_SENDING):
        return Document.NOT_APPLICABLE
    if not _has_entry(job) and (failed is not None or job.faults):
        return Document.NONE
    if sends is False:
        return Document.NOT_APPLICABLE
    if is_open and not job.faults:
        return Document.NONE
    return Document.NOT_SENT if failed is not None or job.faults or sends else Document.NOT_APPLICABLE


def _submitted(steps: list[tuple[Intent, str]], *, is_open: bool) -> Document:
    """Several steps may send; what went wrong counts before what went well, what waits before what is done."""
    mended = {intent.provider: place for place, (intent, word) in enumerate(steps) if word == "OK"}
    refused = next(
        (
            intent
            for place, (intent, word) in enumerate(steps)
            if word in REFUSED and mended.get(intent.provider, -1) < place
        ),
        None,
    )
    if refused is not None:
        return _refused(refused)
    last, word = steps[-1]
    if word == "OK":
        return Document.ACCEPTED
    if word == "SKIP":
        return Document.ACCEPTED if mended else Document.ALREADY_SENT
    if word in {"QUEUED", "POKE"} or _has_waited(last):
        return _waiting(last)
    if word in NOT_YET and is_open:
        return Document.SUBMITTED if mended else Document.NONE
    return Document.SUBMITTED_UNKNOWN if word in NOT_YET else Document.UNKNOWN


def _refused(intent: Intent) -> Document:
    event = intent.events[-1]
    code, message = event.code.strip().lower(), event.message[:2_000]
    for (provider, known), meaning in BY_CODE.items():
        if code == known and intent.provider.strip().lower().startswith(provider):
            return meaning
    if event.status.strip().upper() == "TIMEOUT":
        return Document.SUBMITTED_UNKNOWN
    said = (meaning for meaning, words in _by_words if words.search(message) or words.search(code[:200]))
    return next(said, Document.REJECTED)


def _has_waited(intent: Intent) -> bool:
    """A step that is run again after it waited has handed the document over before."""
    return any(event.status.strip().upper() == "QUEUED" for event in intent.events)


def _waiting(intent: Intent) -> Document:
    codes = [event.code.strip().lower() for event in intent.events if event.status.strip().upper() == "QUEUED"]
    return Document.DELIVERED_PENDING if codes and codes[-1].startswith("delivered") else Document.SUBMITTED


def _is_about(job: Job, kinds: set[Category]) -> bool:
    return any(actions.category(intent.provider) in kinds for intent in job.intents)


def _has_entry(job: Job) -> bool:
    """Whether there is anything that could have been sent."""
    made = (event.silo_entry_id for intent in job.intents for event in intent.events)
    return job.envelope is not None or bool(job.silo_entry_id) or any(made)


def _envelope(raw: bytes | None) -> tuple[str, set[str]]:
    """The kind of document, as "bill/invoice", and who has stamped it.

    gobl.read tells more and takes its time, for the digest; an envelope that msgspec does not read says nothing here.
    """
    members = _object(raw)
    stamps = _read(_entries, _object(members.get("head")).get("stamps"), [])
    schema = _read(_text, _object(members.get("doc")).get("$schema"), "")
    return schema.rpartition("/draft-0/")[2], {_stamp(stamp) for stamp in stamps[:STAMPS]}


def _stamp(raw: msgspec.Raw) -> str:
    # [D] head/stamp.go says prv; one help page says provider
    members = _object(raw)
    return _read(_text, members.get("prv") or members.get("provider"), "")


def _object(raw: bytes | msgspec.Raw | None) -> dict[str, msgspec.Raw]:
    return _read(_members, raw, {})


def _read(decoder: msgspec.json.Decoder[Read], raw: bytes | msgspec.Raw | None, otherwise: Read) -> Read:
    try:
        return decoder.decode(raw) if raw is not None else otherwise
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return otherwise
