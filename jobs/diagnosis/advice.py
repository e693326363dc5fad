"""The next step: who must act and what to do, as values that templates turn into sentences."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from jobs.diagnosis import actions
from jobs.diagnosis.actions import Category
from jobs.diagnosis.destinations import destination
from jobs.diagnosis.document_outcome import Cancellation, Delivery, Document, Role
from jobs.diagnosis.explanations import Explanation, Owner, Rerun, explain
from jobs.diagnosis.outcome import Conclusion, Outcome
from jobs.diagnosis.step_delivery import skips_what_was_sent
from jobs.diagnosis.waiting import Party
from jobs.invopop.job_payload import Intent, Job


class Move(StrEnum):
    """What to do now."""

    NOTHING = "nothing"  # done
    WATCH = "watch"  # continues by itself soon
    WAIT = "wait"  # takes time, or depends on somebody we cannot hurry
    REMIND = "remind"  # the owner must act and may be reminded
    REPAIR = "repair"  # our own endpoint
    CORRECT = "correct"  # correct what the explanation names, then rerun
    RUN_LATER = "run_later"  # nothing to correct: rerun later
    ASK_FIRST = "ask_first"  # a rerun may issue the document twice
    ASK_SUPPORT = "ask_support"  # the failure is unknown to us


class Again(StrEnum):
    """Whether to rerun: the explanation's advice, unless the document's state forbids it."""

    HELPS = "helps"
    USELESS = "useless"
    SAFE_SKIP = "safe-skip"
    DANGER = "danger"
    NEVER = "settled"  # the recipient has the document
    BY_ITSELF = "by-itself"  # it is retried anyway


@dataclass(frozen=True, slots=True)
class Advice:
    """`owner` is None if nobody must act; `explanation` is None if nothing is known."""

    move: Move
    owner: Owner | None = None
    rerun: Again | None = None
    explanation: Explanation | None = None


Explain = Callable[[str, str, str, str], Explanation | None]  # provider, code, message, status

OWNERS = {
    Party.SUPPLIER: Owner.SUPPLIER,
    Party.SUPPLIER_OR_AUTHORITY: Owner.SUPPLIER,  # the one who can be asked
    Party.CUSTOMER: Owner.CUSTOMER,
    Party.AUTHORITY: Owner.AUTHORITY,
    Party.NETWORK: Owner.NETWORK,
    Party.INVOPOP: Owner.INVOPOP,
    Party.ENDPOINT: Owner.WEBHOOK,
    Party.CLOCK: Owner.WAIT,
    Party.UNKNOWN: Owner.WAIT,
}
# The recipient has the document or is about to get it, so it must not be issued again.
SETTLED = {
    Document.ACCEPTED, Document.ACCEPTED_ERRORS, Document.DELIVERED, Document.RECORDED, Document.SUBMITTED,
    Document.DELIVERED_PENDING, Document.ALREADY_SENT,
}  # fmt: skip
FAILED = {Outcome.COMPLETED_FAULTS, Outcome.COMPLETED_HANDLED, Outcome.FAILING}
CANCELLED = {Outcome.CANCELLED, Outcome.CANCELLING}
FLAWED = {Document.REJECTED, Document.ACCEPTED_ERRORS}
UNSETTLED = {Document.REJECTED, Document.NOT_SENT, Document.SUBMITTED_UNKNOWN}
BEYOND_US = {Owner.INVOPOP, Owner.WAIT, Owner.AUTHORITY, Owner.NETWORK}
BY_OWNER = {
    Owner.WEBHOOK: Move.REPAIR,
    Owner.WAIT: Move.RUN_LATER,
    Owner.INVOPOP: Move.ASK_SUPPORT,
}


def advice(conclusion: Conclusion, job: Job, explain: Explain = explain) -> Advice:
    """Never raises. The document's state takes precedence over the explanation: see `again`."""
    known = next(filter(None, (explain(*words) for words in explainable(conclusion, job))), None)
    rerun = again(conclusion.outcome, conclusion.document, known.rerun if known else None)
    if conclusion.outcome in FAILED and is_made_good(conclusion, job):
        return _made_good(conclusion.outcome, rerun)
    found = _by_outcome(conclusion, job, known)
    is_skipped = conclusion.outcome == Outcome.COMPLETED and conclusion.document == Document.NOT_SENT
    is_silent = rerun is None and (is_skipped or (conclusion.outcome in FAILED and conclusion.document in UNSETTLED))
    if (is_silent or rerun in {Again.HELPS, Again.USELESS}) and is_held_elsewhere(conclusion):
        rerun = Again.DANGER
    if rerun == Again.SAFE_SKIP and is_held_elsewhere(conclusion, but_by=_skipping(job)):
        rerun = Again.DANGER
    if conclusion.overdue and conclusion.document in SETTLED:
        rerun = Again.NEVER
    elif conclusion.is_retry_overdue:
        rerun = of_overdue_retry(conclusion.document).rerun
    elif is_undecided(conclusion, job) or _may_be_cancelled(conclusion) or _is_of_another_run(conclusion):
        rerun = Again.DANGER
    if rerun == Again.NEVER and conclusion.is_document_cancelled:
        rerun = Again.DANGER
    if rerun == Again.DANGER and not conclusion.is_open:
        return Advice(Move.ASK_FIRST, found.owner or Owner.INVOPOP, rerun, known)
    if rerun == Again.NEVER and found.move in {Move.CORRECT, Move.RUN_LATER}:
        return replace(found, rerun=rerun, move=Move.REMIND)
    return replace(found, rerun=rerun)


def _skipping(job: Job) -> set[int | None]:
    return {place for place, intent in enumerate(job.intents) if skips_what_was_sent(intent.provider)}


def again(outcome: Outcome, document: Document, rerun: Rerun | None) -> Again | None:
    """Whether to rerun. A document the recipient has is never issued again; if unknown, ask first.

    None if nothing failed, or the failure is unknown.
    """
    has_failed = outcome in FAILED
    if document in SETTLED:
        return Again.NEVER if has_failed or rerun or outcome in CANCELLED else None
    is_uncertain = document == Document.SUBMITTED_UNKNOWN or (document == Document.UNKNOWN and (has_failed or rerun))
    if outcome == Outcome.RETRYING and (is_uncertain or rerun):
        return Again.BY_ITSELF  # only the last attempt needs a question
    if is_uncertain:
        return Again.DANGER
    if outcome == Outcome.WAITING and rerun in {Rerun.HELPS, Rerun.USELESS}:
        return Again.BY_ITSELF  # it goes on once the cause is gone
    return Again(rerun) if rerun else None


def of_overdue_retry(document: str) -> Advice:
    """Where no retry has followed for so long that they should have ended: the job may still go on."""
    rerun = None if document == Document.NOT_APPLICABLE else Again.DANGER
    return Advice(Move.ASK_SUPPORT, Owner.INVOPOP, rerun)


def is_held_elsewhere(conclusion: Conclusion, but_by: Collection[int | None] = ()) -> bool:
    """Whether a destination has the document, or may, which a rerun for another one would send there again.

    `but_by`: steps that skip what has been sent.
    """
    return any(
        each.step not in but_by
        and each.state in SETTLED | {Document.SUBMITTED_UNKNOWN}
        and each.role < Role.MAIL
        and each.cancelled_by is None
        for each in conclusion.deliveries
    )


def is_undecided(conclusion: Conclusion, job: Job) -> bool:
    """Whether an attempt to send runs for so long that the document may have arrived."""
    if not conclusion.overdue or conclusion.outcome != Outcome.RUNNING or conclusion.current is None:
        return False
    return destination(job.intents[conclusion.current].provider) is not None


def _may_be_cancelled(conclusion: Conclusion) -> bool:
    """Whether the cancellation of a document may have arrived, although the job failed or was cancelled."""
    is_over = conclusion.outcome in {Outcome.COMPLETED_FAULTS, Outcome.COMPLETED_HANDLED, Outcome.CANCELLED}
    return is_over and conclusion.cancellation == Cancellation.UNCERTAIN


def _is_of_another_run(conclusion: Conclusion) -> bool:
    """Whether a failed job cancelled what it did not send: another run had sent it, under the same number."""
    has_ended = conclusion.outcome in {Outcome.COMPLETED_FAULTS, Outcome.COMPLETED_HANDLED}
    return has_ended and conclusion.cancellation == Cancellation.DONE and conclusion.document in UNSETTLED


def is_made_good(conclusion: Conclusion, job: Job) -> bool:
    """Whether the document is where the failed step was to bring it: by a stamp, or by other events of the job."""
    failed = conclusion.deciding_step
    if failed is None or conclusion.document not in SETTLED or conclusion.is_document_cancelled:
        return False
    provider, last = job.intents[failed].provider, job.intents[failed].events[-1].position
    where = destination(provider)
    if where is None:  # a look-up, whose failure did not stop the document
        is_check = actions.category(provider) == Category.CHECK
        to, is_network = actions.name(provider) if is_check else "", False
    else:
        to, is_network = where.to, where.role == Role.DELIVERS
    return any(
        _is_there_instead(each, to, failed, last) or (is_network and _is_mailed_later(each, conclusion, failed))
        for each in conclusion.deliveries
    )


def _is_there_instead(delivery: Delivery, to: str, failed: int, last: int) -> bool:
    """Whether evidence other than the failed step's last event says that this destination has the document."""
    if delivery.to != to or delivery.state not in SETTLED:
        return False
    if delivery.role == Role.MAIL:  # an earlier mail may have gone to somebody else
        return delivery.step is not None and delivery.step > failed
    return bool(delivery.stamp) or (delivery.step, delivery.event) != (failed, last)


def _is_mailed_later(delivery: Delivery, conclusion: Conclusion, failed: int) -> bool:
    """Whether an e-mail replaced the delivery by a network."""
    is_mail = delivery.role == Role.MAIL and delivery.state == conclusion.document == Document.DELIVERED
    return is_mail and delivery.step is not None and delivery.step > failed


def _made_good(outcome: Outcome, rerun: Again | None) -> Advice:
    match outcome:
        case Outcome.COMPLETED_FAULTS:
            return Advice(Move.ASK_SUPPORT, Owner.INVOPOP, rerun)  # later steps may not have run
        case Outcome.COMPLETED_HANDLED:
            return Advice(Move.NOTHING, rerun=rerun)
    return Advice(Move.WATCH, rerun=rerun)


def _by_outcome(conclusion: Conclusion, job: Job, known: Explanation | None) -> Advice:
    match conclusion.outcome:
        case Outcome.WAITING | Outcome.RETRYING:
            return _waiting(conclusion, known)
        case Outcome.COMPLETED_FAULTS:
            return _failed(known)
        case Outcome.COMPLETED_HANDLED:
            return _handled(conclusion, job, known)
        case Outcome.ACCEPTED | Outcome.RUNNING | Outcome.WOKEN | Outcome.BETWEEN_STEPS if conclusion.overdue:
            return Advice(Move.ASK_SUPPORT, Owner.INVOPOP)
        case Outcome.FAILING if conclusion.may_be_handled and conclusion.overdue:
            return Advice(Move.ASK_SUPPORT, Owner.INVOPOP, explanation=known)
        case Outcome.FAILING:
            owner = known.owner if known and not conclusion.may_be_handled else None
            return Advice(Move.WATCH, owner, explanation=known)
        case Outcome.COMPLETED:
            return _failed(known) if conclusion.document == Document.REJECTED else _completed(conclusion, known)
        case Outcome.CANCELLED:
            return _to_be_corrected(conclusion) or Advice(Move.NOTHING)
    return Advice(Move.WATCH)


def _handled(conclusion: Conclusion, job: Job, known: Explanation | None) -> Advice:
    """A handled failure needs action if the document did not arrive at the authority, or not at the customer."""
    if conclusion.document in UNSETTLED:
        return _failed(known)
    failed = conclusion.deciding_step
    where = destination(job.intents[failed].provider) if failed is not None else None
    is_of_customer = where is not None and where.role in {Role.DELIVERS, Role.MAIL}
    if known is not None and is_of_customer:
        return _failed(known)
    return _to_be_corrected(conclusion) or Advice(Move.NOTHING)


def _to_be_corrected(conclusion: Conclusion) -> Advice | None:
    """The authority has the document and wants a correction later."""
    return Advice(Move.REMIND, Owner.DATA) if conclusion.document == Document.ACCEPTED_ERRORS else None


def _failed(known: Explanation | None) -> Advice:
    if known is None:
        return Advice(Move.ASK_SUPPORT, Owner.INVOPOP)
    return Advice(BY_OWNER.get(known.owner, Move.CORRECT), known.owner, explanation=known)


def _waiting(conclusion: Conclusion, known: Explanation | None) -> Advice:
    party = conclusion.waiting.party if conclusion.waiting else Party.UNKNOWN
    owner = OWNERS[party]
    if conclusion.overdue and known is not None and known.owner == Owner.WAIT:
        known = None  # it says to wait, and that for longer than usual
    if conclusion.is_retry_overdue:
        return replace(of_overdue_retry(conclusion.document), explanation=known)
    if party == Party.ENDPOINT:
        return Advice(Move.REPAIR, owner, explanation=known)
    if conclusion.overdue and party in {Party.AUTHORITY, Party.NETWORK, Party.INVOPOP, Party.UNKNOWN}:
        return Advice(Move.ASK_SUPPORT, Owner.INVOPOP, explanation=known)
    is_theirs = party in {Party.SUPPLIER, Party.SUPPLIER_OR_AUTHORITY} and not is_left_to_retry(conclusion, known)
    if is_theirs or conclusion.overdue:
        return Advice(Move.REMIND, owner, explanation=known)
    if is_left_to_retry(conclusion, known):
        return Advice(Move.WAIT, Owner.WAIT, explanation=known)
    return Advice(Move.WAIT, owner, explanation=known)


def is_left_to_retry(conclusion: Conclusion, known: Explanation | None) -> bool:
    """Whether only the next attempt is pending: nobody needs to act, or the result of the last attempt is unknown."""
    if conclusion.outcome != Outcome.RETRYING or conclusion.overdue:
        return False
    is_uncertain = conclusion.document in {Document.SUBMITTED_UNKNOWN, Document.UNKNOWN}
    return known is None or known.owner in BEYOND_US or is_uncertain


def _completed(conclusion: Conclusion, known: Explanation | None) -> Advice:
    """A successful job may still need action: valid, but not delivered; or sent by no step."""
    if known is None and conclusion.document == Document.NOT_SENT:
        return Advice(Move.CORRECT)
    if known is None or known.owner == Owner.WAIT:
        return _to_be_corrected(conclusion) or Advice(Move.NOTHING, explanation=known)
    move = Move.REMIND if known.owner == Owner.CUSTOMER else BY_OWNER.get(known.owner, Move.CORRECT)
    return Advice(move, known.owner, explanation=known)


def explainable(conclusion: Conclusion, job: Job) -> Iterator[tuple[str, str, str, str]]:
    """Messages that may be explained, most specific first."""
    if conclusion.outcome in {Outcome.WAITING, Outcome.RETRYING} and conclusion.current is not None:
        yield from _last(job.intents[conclusion.current])
        if conclusion.waiting is not None and conclusion.waiting.party == Party.SUPPLIER:
            yield from _needed(job.intents[conclusion.current])
        return
    if conclusion.is_open and conclusion.outcome != Outcome.FAILING:
        return  # an earlier failure was handled, and the job goes on
    yield from _failures(conclusion, job)
    if conclusion.outcome == Outcome.COMPLETED and conclusion.document in FLAWED:
        yield from _flaws(conclusion, job)
    elif conclusion.outcome == Outcome.COMPLETED:
        for intent in job.intents[:1_000]:
            if actions.category(intent.provider) == Category.SUBMIT:
                yield from (said for said in _last(intent) if said[-1].strip().upper() in {"OK", "SKIP"})


def _failures(conclusion: Conclusion, job: Job) -> Iterator[tuple[str, str, str, str]]:
    deciding, root = conclusion.deciding_step, conclusion.root_fault
    said = list(_last(job.intents[deciding])) if deciding is not None else []
    if deciding not in conclusion.fault_steps:  # its own failure was handled
        yield from said
    if root is not None:
        yield job.faults[root].provider, job.faults[root].code, job.faults[root].message, "KO"
    yield from said


def _flaws(conclusion: Conclusion, job: Job) -> Iterator[tuple[str, str, str, str]]:
    """The responses by which a destination finds fault with the document, although no step failed."""
    for each in conclusion.deliveries:
        if each.state == conclusion.document and each.step is not None and job.intents[each.step].events:
            last = job.intents[each.step].events[-1]
            yield job.intents[each.step].provider, last.code, last.message, "KO"


def _needed(intent: Intent) -> Iterator[tuple[str, str, str, str]]:
    """What a queued sending step says, as if an attempt had failed with it: it may name what the supplier must do."""
    if destination(intent.provider) is not None:
        last = intent.events[-1]
        yield intent.provider, last.code, last.message, "ERR"


def _last(intent: Intent) -> Iterator[tuple[str, str, str, str]]:
    if intent.events:
        last = intent.events[-1]
        yield intent.provider, last.code, last.message, last.status
