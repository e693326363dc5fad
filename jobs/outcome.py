"""What a job means: did it work, which step failed, what is a consequence. No Django, no database.

The rules of an engineer who knows Invopop's jobs: only `completed_at` ends a job; the status word OK says no more than
that the last step went well. The clock is an argument: `now` is an aware datetime in UTC.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jobs.document import Document, document
from jobs.invopop.payload import Fault, Intent, Job
from jobs.waiting import Waiting, waiting

__all__ = ["Conclusion", "Document", "Outcome", "Workflow", "conclude", "last_word"]


class Outcome(StrEnum):
    ACCEPTED = "accepted"
    RUNNING = "running"
    BETWEEN_STEPS = "between_steps"
    WAITING = "waiting"
    WOKEN = "woken"
    RETRYING = "retrying"
    FAILING = "failing"
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    COMPLETED_HANDLED = "completed_handled"
    COMPLETED_FAULTS = "completed_faults"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


FINISHED = {Outcome.COMPLETED, Outcome.COMPLETED_HANDLED, Outcome.COMPLETED_FAULTS, Outcome.CANCELLED}
# [D] go client and workflow conditions; the words are compared without regard to case.
OPEN_WORDS = {
    "": Outcome.RUNNING, "NA": Outcome.RUNNING, "RUN": Outcome.RUNNING, "QUEUED": Outcome.WAITING, "POKE": Outcome.WOKEN,
    "ERR": Outcome.RETRYING, "KO": Outcome.FAILING, "TIMEOUT": Outcome.FAILING, "CANCEL": Outcome.CANCELLING,
    "OK": Outcome.BETWEEN_STEPS, "SKIP": Outcome.BETWEEN_STEPS,
}  # fmt: skip
FAILED_WORDS = {"KO", "TIMEOUT"}


@dataclass(frozen=True, slots=True)
class Workflow:
    """The current definition of the job's workflow, as far as it is needed here."""

    id: str
    name: str = ""
    version: str = ""
    steps: tuple[tuple[str, str, str], ...] = ()  # (step id, name, action) in order, branches in place
    rescue: frozenset[str] = frozenset()  # ids of the steps of the error branch


@dataclass(frozen=True, slots=True)
class Conclusion:
    """Places are indexes into `job.intents` and `job.faults`."""

    outcome: Outcome
    document: Document
    current: int | None = None  # the last intent of an open job
    failed_step: int | None = None  # the first that ended KO or TIMEOUT: later ones often are consequences [D]
    handling: frozenset[int] = frozenset()  # intents of the error branch
    handling_is_guess: bool = True  # by position, not by workflow.rescue
    fault_steps: tuple[int | None, ...] = ()  # for each fault the intent it belongs to
    root_fault: int | None = None
    consequences: frozenset[int] = frozenset()  # faults that followed from the root fault
    skipped: tuple[int, ...] = ()  # intents that ended SKIP
    recovered: int = 0  # ERR events of intents that went well in the end
    waiting: Waiting | None = None
    overdue: bool = False  # "longer than usual", by this provider's own clock

    @property
    def is_open(self) -> bool:
        return self.outcome not in FINISHED


def conclude(job: Job, now: datetime, workflow: Workflow | None = None) -> Conclusion:
    """Never raises, whatever the job holds."""
    words = [last_word(intent) for intent in job.intents]
    failed = next((place for place, word in enumerate(words) if word in FAILED_WORDS), None)
    is_open = job.completed_at is None
    outcome = _open(job, words) if is_open else _completed(job, words)
    current = len(words) - 1 if is_open and words else None
    fault_steps = _fault_steps(job, words)
    root = _root(fault_steps, failed)
    wait = waiting(job.intents[current]) if current is not None else None
    return Conclusion(
        outcome=outcome,
        document=document(job, words, failed, is_open=is_open),
        current=current,
        failed_step=failed,
        handling=_handling(job, failed, workflow),
        handling_is_guess=workflow is None or not workflow.rescue,
        fault_steps=fault_steps,
        root_fault=root,
        consequences=_consequences(fault_steps, root, failed),
        skipped=tuple(place for place, word in enumerate(words) if word == "SKIP"),
        recovered=sum(_recovered(intent) for intent, word in zip(job.intents, words, strict=True) if word in {"OK", "SKIP"}),
        waiting=wait,
        overdue=wait is not None and wait.overdue_at is not None and wait.overdue_at <= now,
    )


def last_word(intent: Intent) -> str:
    """The status of the intent's last event, in capitals; an intent without events that says it completed counts as OK."""
    if not intent.events:
        return "OK" if intent.completed else ""
    return intent.events[-1].status.strip().upper()


def _open(job: Job, words: list[str]) -> Outcome:
    if job.faults:
        return Outcome.FAILING  # it has failed already; the error branch is still at work
    if words:
        return OPEN_WORDS.get(words[-1], Outcome.UNKNOWN)
    status = job.status.strip().upper()
    if status in {"", "NA"}:
        return Outcome.ACCEPTED if status or job.created_at else Outcome.UNKNOWN
    return OPEN_WORDS.get(status, Outcome.UNKNOWN)


def _completed(job: Job, words: list[str]) -> Outcome:
    decisive = words[-1] if words else job.status.strip().upper()
    if job.faults or decisive in FAILED_WORDS:
        return Outcome.COMPLETED_FAULTS
    if "CANCEL" in words:
        return Outcome.CANCELLED
    if FAILED_WORDS.intersection(words):
        return Outcome.COMPLETED_HANDLED  # no fault was kept: a condition of the workflow took care of it
    return Outcome.COMPLETED


def _handling(job: Job, failed: int | None, workflow: Workflow | None) -> frozenset[int]:
    if workflow is not None and workflow.rescue:
        return frozenset(place for place, intent in enumerate(job.intents) if intent.step_id in workflow.rescue)
    return frozenset(range(failed + 1, len(job.intents))) if failed is not None else frozenset()


def _fault_steps(job: Job, words: list[str]) -> tuple[int | None, ...]:
    """[D] a fault is the record of a step that was knocked out: each takes the best step no other fault has taken."""
    taken: set[int] = set()
    found: list[int | None] = []
    for fault in job.faults[:1000]:
        place = _step_of(fault, job.intents, words, taken)
        found.append(place)
        taken |= {place} if place is not None else set()
    return (*found, *[None] * (len(job.faults) - len(found)))


def _step_of(fault: Fault, intents: tuple[Intent, ...], words: list[str], taken: set[int]) -> int | None:
    same = [place for place, intent in enumerate(intents) if intent.provider == fault.provider and fault.provider]
    failed = [place for place in same if words[place] in FAILED_WORDS]
    told = [place for place in failed if fault.message and fault.message in intents[place].events[-1].message]
    for places in (told, [place for place in failed if place not in taken], failed, same):
        if places:
            return places[0]
    return None


def _root(fault_steps: tuple[int | None, ...], failed: int | None) -> int | None:
    if not fault_steps:
        return None
    return fault_steps.index(failed) if failed in fault_steps else 0


def _consequences(fault_steps: tuple[int | None, ...], root: int | None, failed: int | None) -> frozenset[int]:
    """Two reasons of the same step are two reasons; what failed in a later step followed from it."""
    if root is None or failed is None:
        return frozenset()
    return frozenset(place for place, step in enumerate(fault_steps) if place != root and step is not None and step > failed)


def _recovered(intent: Intent) -> int:
    return sum(event.status.strip().upper() == "ERR" for event in intent.events)
