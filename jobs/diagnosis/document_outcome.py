"""What became of the document, which is another question than what became of the job: a dead webhook makes a job fail
whose invoice the tax authority accepted, and a skipped step makes a green job that sent nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from jobs.diagnosis import actions
from jobs.diagnosis.actions import Category
from jobs.diagnosis.deliveries import Delivery, deliveries, expected
from jobs.diagnosis.destinations import ISSUERS, NO_DESTINATION, Role, stays_inside
from jobs.diagnosis.document_states import Basis, Document
from jobs.invopop.payload import Job

__all__ = ["Basis", "Delivery", "Document", "Role", "Verdict", "verdict"]

# Jobs about people, and those that take a document back: sending is not what they are for.
NO_SENDING = {
    Category.REGISTER, Category.UNREGISTER, Category.WAIT_HUMAN, Category.WAIT_HUMAN_SETUP, Category.CANCEL,
}  # fmt: skip
STAMPS = 200  # that are looked at
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_entries = msgspec.json.Decoder(list[msgspec.Raw])
_text = msgspec.json.Decoder(str)
Read = TypeVar("Read")
# Of several destinations of the main kind, what an agent has to know first.
PRECEDENCE = (
    Document.SUBMITTED_UNKNOWN, Document.REJECTED, Document.NOT_SENT, Document.UNKNOWN, Document.DELIVERED_PENDING,
    Document.SUBMITTED, Document.ACCEPTED_ERRORS, Document.ALREADY_SENT, Document.ACCEPTED, Document.DELIVERED,
    Document.RECORDED, Document.NONE,
)  # fmt: skip
TOP = len(PRECEDENCE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The overall state, and the destinations behind it; main ones first."""

    document: Document
    deliveries: tuple[Delivery, ...] = ()

    @property
    def main(self) -> Delivery | None:
        """The main destination."""
        return next(
            (each for each in self.deliveries if each.state == self.document), next(iter(self.deliveries), None)
        )


def verdict(
    job: Job,
    failed: int | None,
    fault_steps: Sequence[int | None] = (),
    *,
    is_open: bool,
    is_failed: bool = False,
    is_cancelled: bool = False,
    sending: Sequence[str] | None = None,
) -> Verdict:
    """The document's state and destinations. Never raises.

    `failed`: the first step that ended KO or TIMEOUT; `is_failed`: whether the job ended badly, for whatever reason;
    `sending`: actions of the workflow's steps, None where the workflow is not known.
    """
    kind, stamps = _envelope(job.envelope)
    if kind.startswith(("org/", "tax/")):
        return Verdict(Document.NOT_APPLICABLE)
    is_about_people = _is_about(job, {Category.CANCEL} if kind.startswith("bill/") else NO_SENDING)
    found = deliveries(job, () if is_about_people else stamps, fault_steps, is_open=is_open)
    has_main = any(each.role < Role.MAIL for each in found)
    if is_about_people and not has_main:
        return Verdict(Document.NOT_APPLICABLE, found)
    if found:
        ordered = tuple(sorted(found, key=_importance))
        word = _word(ordered)
        waits = word == Document.NOT_SENT and is_open and not job.faults
        return Verdict(Document.NONE if waits else word, ordered)
    word = _unsent(job, kind, failed, is_open=is_open, is_failed=is_failed, sending=sending)
    is_about_sending = sending is None or word != Document.NOT_APPLICABLE
    if is_cancelled and is_about_sending and (not kind or kind.startswith("bill/")):
        word = Document.NONE  # it was called off before anything was sent: nobody failed to
    to_come = word in {Document.NONE, Document.NOT_SENT}
    return Verdict(word, expected(sending or (), word) if to_come and job.intents else ())


def _importance(delivery: Delivery) -> tuple[int, int]:
    state = delivery.state
    return delivery.role, PRECEDENCE.index(state) if state in PRECEDENCE else TOP


def _word(ordered: Sequence[Delivery]) -> Document:
    """A failed copy never counts: the main destination does. An e-mail takes the invoice to the buyer where the network
    could not; it is no substitute for an authority."""
    main = ordered[0]
    mail = next((each for each in ordered if each.role == Role.MAIL), None)
    is_by_mail = main.to in actions.NETWORKS and main.state == Document.NOT_SENT and mail is not None
    if is_by_mail and mail is not None and mail.state == Document.DELIVERED:
        return mail.state
    return main.state


def _unsent(
    job: Job, kind: str, failed: int | None, *, is_open: bool, is_failed: bool, sending: Sequence[str] | None
) -> Document:
    """No step has sent anything yet."""
    if not job.intents:
        if is_failed:
            return Document.UNKNOWN  # it ended badly, and the API may have left steps out
        return Document.NONE if job.created_at or job.status or job.completed_at else Document.UNKNOWN
    if kind and not kind.startswith("bill/"):
        return Document.NOT_APPLICABLE
    is_bad = failed is not None or bool(job.faults)
    if any(not intent.provider.strip() for intent in job.intents[:1_000]):
        return Document.UNKNOWN  # the shapes before June 2023 do not say what a step does
    if not _has_entry(job) and is_bad:
        return Document.NONE
    sends = bool(expected(sending, Document.NONE)) if sending else None
    if sends is False:
        return Document.NOT_APPLICABLE
    if is_open and not job.faults:
        return Document.NONE
    is_noted = any(intent.provider.strip().lower() in NO_DESTINATION for intent in job.intents[:1_000])
    if is_bad or sends or is_noted:
        return Document.NOT_SENT
    return Document.UNKNOWN if is_failed or _has_strange_step(job) else Document.NOT_APPLICABLE


def _has_strange_step(job: Job) -> bool:
    """Whether an unknown step may have sent it."""
    return any(
        actions.category(intent.provider) in {Category.OTHER, Category.SUBMIT, Category.REGISTER}
        and not stays_inside(intent.provider)
        for intent in job.intents[:1_000]
    )


def _is_about(job: Job, kinds: set[Category]) -> bool:
    return any(actions.category(intent.provider) in kinds for intent in job.intents)


def _has_entry(job: Job) -> bool:
    """Whether the job has a document to send."""
    made = (event.silo_entry_id for intent in job.intents for event in intent.events)
    return job.envelope is not None or bool(job.silo_entry_id) or any(made)


def _envelope(raw: bytes | None) -> tuple[str, tuple[str, ...]]:
    """The document type, such as "bill/invoice", and who stamped it.

    gobl.read tells more and takes its time, for the digest; an envelope that msgspec does not read says nothing here.
    """
    members = _object(raw)
    stamps = _read(_entries, _object(members.get("head")).get("stamps"), [])
    schema = _read(_text, _object(members.get("doc")).get("$schema"), "")
    given = (_stamp(stamp) for stamp in stamps[:STAMPS])
    return schema.rpartition("/draft-0/")[2], tuple(dict.fromkeys(stamp for stamp in given if stamp in ISSUERS))


def _stamp(raw: msgspec.Raw) -> str:
    """Who gave the stamp; "" for an empty one, which proves nothing."""
    # [D] head/stamp.go says prv; one help page says provider
    members = _object(raw)
    given = _read(_text, members.get("prv") or members.get("provider"), "")
    value = members.get("val") or members.get("value")
    return given if value is None or _read(_text, value, "").strip() else ""


def _object(raw: bytes | msgspec.Raw | None) -> dict[str, msgspec.Raw]:
    return _read(_members, raw, {})


def _read(decoder: msgspec.json.Decoder[Read], raw: bytes | msgspec.Raw | None, otherwise: Read) -> Read:
    try:
        return decoder.decode(raw) if raw is not None else otherwise
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return otherwise
