"""The next step: who must act and what to do, as values that templates turn into sentences."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from jobs.diagnosis import actions
from jobs.diagnosis.actions import Category
from jobs.diagnosis.destinations import destination
from jobs.diagnosis.document_outcome import Document, Role
from jobs.diagnosis.explanations import Explanation, Owner, Rerun, explain
from jobs.diagnosis.outcome import Conclusion, Outcome
from jobs.diagnosis.waiting import Party
from jobs.invopop.payload import Intent, Job


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
    if conclusion.outcome == Outcome.COMPLETED_HANDLED and is_made_good(conclusion, job):
        return Advice(Move.NOTHING, rerun=rerun)
    found = _by_outcome(conclusion, known)
    is_silent = rerun is None and conclusion.outcome in FAILED and conclusion.document in UNSETTLED
    if (is_silent or rerun in {Again.HELPS, Again.USELESS}) and is_held_elsewhere(conclusion):
        rerun = Again.DANGER
    if rerun == Again.DANGER and not conclusion.is_open:
        return Advice(Move.ASK_FIRST, found.owner or Owner.INVOPOP, rerun, known)
    if rerun == Again.NEVER and found.move in {Move.CORRECT, Move.RUN_LATER}:
        return replace(found, rerun=rerun, move=Move.REMIND)
    return replace(found, rerun=rerun)


def again(outcome: Outcome, document: Document, rerun: Rerun | None) -> Again | None:
    """Whether to rerun. A document the recipient has is never issued again; if unknown, ask first.

    None if nothing failed, or the failure is unknown.
    """
    has_failed = outcome in FAILED
    if document in SETTLED:
        return Again.NEVER if has_failed or rerun else None
    is_uncertain = document == Document.SUBMITTED_UNKNOWN or (document == Document.UNKNOWN and (has_failed or rerun))
    if outcome == Outcome.RETRYING and (is_uncertain or rerun):
        return Again.BY_ITSELF  # only the last attempt needs a question
    if is_uncertain:
        return Again.DANGER
    return Again(rerun) if rerun else None


def is_held_elsewhere(conclusion: Conclusion) -> bool:
    """Whether a destination has the document, which a rerun for another one would send there again."""
    return any(
        each.state in SETTLED and each.role < Role.MAIL and each.cancelled_by is None for each in conclusion.deliveries
    )


def is_made_good(conclusion: Conclusion, job: Job) -> bool:
    """Whether a later step brought the document where the failed one did not."""
    failed = conclusion.failed_step
    where = destination(job.intents[failed].provider) if failed is not None else None
    return where is not None and any(
        each.to == where.to and each.state in SETTLED and each.step is not None and each.step > (failed or 0)
        for each in conclusion.deliveries
    )


def _by_outcome(conclusion: Conclusion, known: Explanation | None) -> Advice:
    match conclusion.outcome:
        case Outcome.WAITING | Outcome.RETRYING:
            return _waiting(conclusion, known)
        case Outcome.COMPLETED_FAULTS:
            return _failed(known)
        case Outcome.COMPLETED_HANDLED:
            return _failed(known) if conclusion.document in UNSETTLED else Advice(Move.NOTHING, explanation=known)
        case Outcome.RUNNING | Outcome.WOKEN if conclusion.overdue:
            return Advice(Move.ASK_SUPPORT, Owner.INVOPOP)
        case Outcome.FAILING:
            return Advice(Move.WATCH, known.owner if known else None, explanation=known)
        case Outcome.COMPLETED:
            return _failed(known) if conclusion.document == Document.REJECTED else _completed(known)
        case Outcome.CANCELLED:
            return Advice(Move.NOTHING)
    return Advice(Move.WATCH)


def _failed(known: Explanation | None) -> Advice:
    if known is None:
        return Advice(Move.ASK_SUPPORT, Owner.INVOPOP)
    return Advice(BY_OWNER.get(known.owner, Move.CORRECT), known.owner, explanation=known)


def _waiting(conclusion: Conclusion, known: Explanation | None) -> Advice:
    party = conclusion.waiting.party if conclusion.waiting else Party.UNKNOWN
    owner = OWNERS[party]
    if party == Party.ENDPOINT:
        return Advice(Move.REPAIR, owner, explanation=known)
    if conclusion.overdue and party in {Party.AUTHORITY, Party.NETWORK, Party.INVOPOP, Party.UNKNOWN}:
        return Advice(Move.ASK_SUPPORT, Owner.INVOPOP, explanation=known)
    if party == Party.SUPPLIER or conclusion.overdue:
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


def _completed(known: Explanation | None) -> Advice:
    """A successful job may still need action: valid, but not delivered."""
    if known is not None and known.owner == Owner.CUSTOMER:
        return Advice(Move.REMIND, known.owner, explanation=known)
    return Advice(Move.NOTHING, explanation=known)


def explainable(conclusion: Conclusion, job: Job) -> Iterator[tuple[str, str, str, str]]:
    """Messages that may be explained, most specific first."""
    if conclusion.outcome in {Outcome.WAITING, Outcome.RETRYING} and conclusion.current is not None:
        yield from _last(job.intents[conclusion.current])
        return
    if conclusion.root_fault is not None:
        fault = job.faults[conclusion.root_fault]
        yield fault.provider, fault.code, fault.message, "KO"
    if conclusion.failed_step is not None:
        yield from _last(job.intents[conclusion.failed_step])
    if conclusion.outcome == Outcome.COMPLETED:
        for intent in job.intents[:1_000]:
            if actions.category(intent.provider) == Category.SUBMIT:
                yield from _last(intent)


def _last(intent: Intent) -> Iterator[tuple[str, str, str, str]]:
    if intent.events:
        last = intent.events[-1]
        yield intent.provider, last.code, last.message, last.status
