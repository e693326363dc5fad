"""The next step: whose move it is and what to do, in words of ours that the templates make sentences of."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from jobs import actions
from jobs.actions import Category
from jobs.document import Document
from jobs.explanations import Explanation, Owner, Rerun, explain
from jobs.invopop.payload import Intent, Job
from jobs.outcome import Conclusion, Outcome
from jobs.waiting import Party


class Move(StrEnum):
    """What to do now."""

    NOTHING = "nothing"  # it is done
    WATCH = "watch"  # it goes on by itself, soon
    WAIT = "wait"  # it takes time, or is up to somebody we cannot hurry
    REMIND = "remind"  # the owner has to act and may be reminded
    REPAIR = "repair"  # our own endpoint
    CORRECT = "correct"  # put right what the explanation says, then run it again
    RUN_LATER = "run_later"  # nothing to correct: the same run works after a while
    ASK_FIRST = "ask_first"  # running it again may issue the document twice
    ASK_SUPPORT = "ask_support"  # nothing is known here about this failure


@dataclass(frozen=True, slots=True)
class Advice:
    """`owner` is None where nobody has to do anything; `explanation` where nothing is known here."""

    move: Move
    owner: Owner | None = None
    rerun: Rerun | None = None
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
UNSETTLED = {Document.REJECTED, Document.NOT_SENT, Document.SUBMITTED_UNKNOWN}
BY_OWNER = {
    Owner.WEBHOOK: Move.REPAIR,
    Owner.WAIT: Move.RUN_LATER,
    Owner.INVOPOP: Move.ASK_SUPPORT,
}


def advice(conclusion: Conclusion, job: Job, explain: Explain = explain) -> Advice:
    """Never raises."""
    known = next(filter(None, (explain(*said) for said in _sayings(conclusion, job))), None)
    match conclusion.outcome:
        case Outcome.WAITING | Outcome.RETRYING:
            return _waiting(conclusion, known)
        case Outcome.COMPLETED_FAULTS:
            return _failed(conclusion, known)
        case Outcome.COMPLETED_HANDLED:
            return (
                _failed(conclusion, known)
                if conclusion.document in UNSETTLED
                else Advice(Move.NOTHING, None, None, known)
            )
        case Outcome.FAILING:
            return Advice(Move.WATCH, known.owner if known else None, known.rerun if known else None, known)
        case Outcome.COMPLETED:
            return _completed(known)
        case Outcome.CANCELLED:
            return Advice(Move.NOTHING)
    return Advice(Move.WATCH)


def _failed(conclusion: Conclusion, known: Explanation | None) -> Advice:
    is_danger = conclusion.document == Document.SUBMITTED_UNKNOWN
    if known is None:
        return Advice(
            Move.ASK_FIRST if is_danger else Move.ASK_SUPPORT, Owner.INVOPOP, Rerun.DANGER if is_danger else None
        )
    if is_danger or known.rerun == Rerun.DANGER:
        return Advice(Move.ASK_FIRST, known.owner, Rerun.DANGER, known)
    return Advice(BY_OWNER.get(known.owner, Move.CORRECT), known.owner, known.rerun, known)


def _waiting(conclusion: Conclusion, known: Explanation | None) -> Advice:
    party = conclusion.waiting.party if conclusion.waiting else Party.UNKNOWN
    owner = OWNERS[party]
    rerun = known.rerun if known else None
    if party == Party.ENDPOINT:
        return Advice(Move.REPAIR, owner, rerun, known)
    if conclusion.overdue and party in {Party.AUTHORITY, Party.NETWORK, Party.INVOPOP, Party.UNKNOWN}:
        return Advice(Move.ASK_SUPPORT, Owner.INVOPOP, rerun, known)
    if party == Party.SUPPLIER or conclusion.overdue:
        return Advice(Move.REMIND, owner, rerun, known)
    return Advice(Move.WAIT, owner, rerun, known)


def _completed(known: Explanation | None) -> Advice:
    """Green, and yet there may be something to tell the customer: valid, but not delivered."""
    if known is not None and known.owner == Owner.CUSTOMER:
        return Advice(Move.REMIND, known.owner, known.rerun, known)
    return Advice(Move.NOTHING, None, known.rerun if known else None, known)


def _sayings(conclusion: Conclusion, job: Job) -> Iterator[tuple[str, str, str, str]]:
    """What may be explained, the most telling first."""
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
