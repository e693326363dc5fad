"""The state of the document, which differs from that of the job.

A broken webhook fails a job whose invoice the tax authority accepted; a skipped step leaves a successful job that sent
nothing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import msgspec

from jobs.diagnosis import actions
from jobs.diagnosis.actions import Category
from jobs.diagnosis.cancellations import Results, cancellation
from jobs.diagnosis.deliveries import deliveries, expected
from jobs.diagnosis.destinations import ISSUERS, NO_DESTINATION, Role, destination, stays_inside
from jobs.diagnosis.document_states import HOLDS, Basis, Cancellation, Document
from jobs.diagnosis.failure_meaning import Reader
from jobs.diagnosis.failure_table import Meaning
from jobs.diagnosis.step_delivery import Delivery
from jobs.invopop.job_payload import Intent, Job

__all__ = ["Basis", "Cancellation", "Delivery", "Document", "Role", "Verdict", "verdict"]

# Jobs that do not send a document: those about parties, and cancellations.
NO_SENDING = {
    Category.REGISTER, Category.UNREGISTER, Category.WAIT_HUMAN, Category.WAIT_HUMAN_SETUP, Category.CANCEL,
}  # fmt: skip
# A stamp stays on a cancelled document; after these it still proves that the authority has accepted it.
STILL_THERE = {Cancellation.FAILED, Cancellation.UNCERTAIN}
SHOPS = {"", "Stripe", "Chargebee"}  # what is imported from them is to be sent; "" may be a file of either kind
STAMPS = 200  # that are read
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_entries = msgspec.json.Decoder(list[msgspec.Raw])
_text = msgspec.json.Decoder(str)
Read = TypeVar("Read")
# Among several main destinations, the state that support staff need to know first.
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
    cancellation: Cancellation | None = None  # of the document, by a step

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
    unreached: Sequence[str] = (),
    overdue: int | None = None,
    reporting: Collection[int] = (),
) -> Verdict:
    """The document's state and destinations. Never raises.

    `failed`: the first step that ended KO or TIMEOUT; `is_failed`: whether the job failed for any reason;
    `sending`: actions of the workflow's steps, None if the workflow is unknown; `unreached`: of those that a failed job
    did not reach; `overdue`: the step whose attempt runs for longer than usual; `reporting`: steps whose e-mails only
    report a failure.
    """
    kind, stamps = _envelope(job.envelope)
    if kind.startswith(("org/", "tax/")):
        return Verdict(Document.NOT_APPLICABLE)
    not_sending = {Category.CANCEL} if kind.startswith("bill/") else NO_SENDING
    is_about_people = any(actions.category(intent.provider) in not_sending for intent in job.intents)
    results = Results(Reader())
    cancelled = cancellation(results, job, fault_steps, is_open=is_open)
    has_stamps = cancelled in STILL_THERE if cancelled else not (is_about_people or _only_receives(job))
    found = deliveries(job, stamps if has_stamps else (), fault_steps, reporting, is_open=is_open, results=results)
    has_main = any(each.role < Role.MAIL for each in found)
    if is_about_people and not has_main:
        return Verdict(Document.NOT_APPLICABLE, found, cancelled)
    if found:
        found += _never_reached(found, unreached) if is_failed or job.faults else ()
        ordered = tuple(sorted((_if_overdue(each, overdue) for each in found), key=_importance))
        word = _word(ordered)
        if cancelled == Cancellation.UNCERTAIN and word in HOLDS:
            return Verdict(Document.UNKNOWN, ordered, cancelled)
        waits = word == Document.NOT_SENT and is_open and not job.faults
        return Verdict(Document.NONE if waits else word, ordered, cancelled)
    word = _unsent(job, kind, failed, is_open=is_open, is_failed=is_failed, sending=sending)
    is_bill = not kind or kind.startswith("bill/")
    if word in {Document.NOT_APPLICABLE, Document.NOT_SENT} and is_bill and starts_others(job):
        word = Document.UNKNOWN  # the other jobs may send it
    is_about_sending = sending is None or word != Document.NOT_APPLICABLE
    if is_cancelled and is_about_sending and is_bill:
        word = Document.NONE  # cancelled before anything was sent, which is no failure
    to_come = word in {Document.NONE, Document.NOT_SENT}
    return Verdict(word, expected(sending or (), word) if to_come and job.intents else ())


def _never_reached(found: Sequence[Delivery], unreached: Sequence[str]) -> tuple[Delivery, ...]:
    """The destinations after the failure at which the job ended."""
    known = {each.to for each in found}
    return tuple(each for each in expected(unreached, Document.NOT_SENT) if each.to not in known)


def _if_overdue(delivery: Delivery, overdue: int | None) -> Delivery:
    """An attempt to send that runs for longer than usual may have arrived."""
    is_running = overdue is not None and delivery.step == overdue
    if not is_running or delivery.state != Document.NONE or delivery.role >= Role.ARCHIVE:
        return delivery
    return replace(delivery, state=Document.SUBMITTED_UNKNOWN)


def _importance(delivery: Delivery) -> tuple[int, bool, int]:
    """What another main destination still has comes before what was cancelled."""
    state = delivery.state
    return delivery.role, delivery.is_cancelled, PRECEDENCE.index(state) if state in PRECEDENCE else TOP


def _word(ordered: Sequence[Delivery]) -> Document:
    """The state of the main destinations. A failed copy never counts.

    An e-mail may replace delivery by a network, but not acceptance by an authority. "Not sent" is of all of them: the
    network may have what the authority lacks.
    """
    main = ordered[0]
    may_be_there = any(each.role < Role.COPY and each.state == Document.SUBMITTED_UNKNOWN for each in ordered)
    if main.state == Document.NOT_SENT and may_be_there:
        return Document.SUBMITTED_UNKNOWN
    mail = next((each for each in ordered if each.role == Role.MAIL), None)
    is_by_mail = main.to in actions.NETWORKS and main.state == Document.NOT_SENT and mail is not None
    if is_by_mail and mail is not None and mail.state == Document.DELIVERED:
        return mail.state
    return main.state


def _unsent(
    job: Job, kind: str, failed: int | None, *, is_open: bool, is_failed: bool, sending: Sequence[str] | None
) -> Document:
    """The state if no step has sent anything."""
    if not job.intents:
        if is_failed or (not is_open and job.word in {"OK", "SKIP"}):
            return Document.UNKNOWN  # some step ended so, and the API may have omitted it
        return Document.NONE if job.created_at or job.status or job.completed_at else Document.UNKNOWN
    if kind and not kind.startswith("bill/"):
        return Document.NOT_APPLICABLE
    is_bad = failed is not None or bool(job.faults)
    if any(not intent.provider.strip() for intent in job.intents[:1_000]):
        return Document.UNKNOWN  # payloads before June 2023 do not name a step's action
    if not _has_entry(job) and is_bad:
        return Document.NONE
    sends = bool(expected(sending, Document.NONE)) if sending else None
    if sends is False:
        return Document.NOT_APPLICABLE
    if is_open and not job.faults:
        return Document.NONE
    is_noted = any(intent.provider.strip().lower() in NO_DESTINATION for intent in job.intents[:1_000])
    if sends or is_noted:
        return Document.NOT_SENT
    if is_bad:
        return _unsent_by_failure(job, failed)
    is_unclear = is_failed or _has_strange_step(job) or (sends is None and _has_other_branch(job))
    return Document.UNKNOWN if is_unclear else Document.NOT_APPLICABLE


def _unsent_by_failure(job: Job, failed: int | None) -> Document:
    if any(map(_receives, job.intents[:1_000])):
        return Document.NOT_APPLICABLE
    is_handled = not job.faults  # by a condition, and the steps after it are no error branch
    return Document.UNKNOWN if _may_have_sent(job, failed, is_handled=is_handled) else Document.NOT_SENT


def _receives(intent: Intent) -> bool:
    """Whether a step fetches a document that others have sent, from an authority or a network."""
    return actions.category(intent.provider) == Category.IMPORT and actions.name(intent.provider) not in SHOPS


def _only_receives(job: Job) -> bool:
    """Whether the stamps of the document are of somebody else's invoice, which the job has fetched."""
    steps = job.intents[:1_000]
    return any(map(_receives, steps)) and not any(destination(intent.provider) for intent in steps)


def starts_others(job: Job) -> bool:
    """Whether the job has started another one with its document."""
    return _has_entry(job) and any(
        actions.category(intent.provider) == Category.SPAWN and intent.events and intent.events[-1].word == "OK"
        for intent in job.intents[:1_000]
    )


def _may_have_sent(job: Job, failed: int | None, *, is_handled: bool) -> bool:
    """Whether an unknown step may have sent it, even if that step failed; later steps are the error branch, if any."""
    if failed is not None and not is_handled and actions.category(job.intents[failed].provider) == Category.SIGN:
        return False  # it was not sealed, so there was nothing to send
    read = Reader()
    strange = (
        intent
        for intent in job.intents[: 1_000 if failed is None or is_handled else failed + 1][:1_000]
        if actions.category(intent.provider) == Category.OTHER and not stays_inside(intent.provider)
    )
    return any(not _never_left(read, intent) for intent in strange)


def _never_left(read: Reader, intent: Intent) -> bool:
    last = intent.events[-1] if intent.events else None
    if last is None or last.word == "OK":
        return False
    return last.word == "SKIP" or read(intent.provider, last.code, last.message).meaning == Meaning.NEVER_LEFT


def _has_strange_step(job: Job) -> bool:
    """Whether an unknown step may have sent it."""
    return any(
        actions.category(intent.provider) in {Category.OTHER, Category.SUBMIT, Category.REGISTER}
        and not stays_inside(intent.provider)
        for intent in job.intents[:1_000]
    )


def _has_other_branch(job: Job) -> bool:
    """Whether a condition chose a branch of an unknown workflow, of which another one may send the document."""
    branches = any(actions.category(intent.provider) == Category.BRANCH for intent in job.intents[:1_000])
    return branches and not any(map(_receives, job.intents[:1_000]))


def _has_entry(job: Job) -> bool:
    """Whether the job has a document to send."""
    made = (event.silo_entry_id for intent in job.intents for event in intent.events)
    return job.envelope is not None or bool(job.silo_entry_id) or any(made)


def _envelope(raw: bytes | None) -> tuple[str, tuple[str, ...]]:
    """The document type, such as "bill/invoice", and who stamped it.

    Faster than `gobl.envelope.read`, which computes the digest. An envelope msgspec cannot read gives nothing.
    """
    members = _object(raw)
    stamps = _read(_entries, _object(members.get("head")).get("stamps"), [])
    schema = _read(_text, _object(members.get("doc")).get("$schema"), "")
    given = (_stamp(stamp) for stamp in stamps[:STAMPS])
    return schema.rpartition("/draft-0/")[2], tuple(sorted({stamp for stamp in given if stamp in ISSUERS}))


def _stamp(raw: msgspec.Raw) -> str:
    """The provider of a stamp; "" for an empty stamp, which proves nothing."""
    # [D] head/stamp.go has `prv`; one help page has `provider`
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
