"""The outcome of a job: whether it succeeded, which step failed, what is a consequence. No Django, no database.

Only `completed_at` ends a job; the status OK means only that the last step succeeded. The clock is an argument: `now`
is an aware datetime in UTC.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from jobs.diagnosis import actions
from jobs.diagnosis.actions import Category
from jobs.diagnosis.destinations import Role, destination
from jobs.diagnosis.document_outcome import Basis, Cancellation, Delivery, Document, Verdict, starts_others, verdict
from jobs.diagnosis.waiting import Waiting, next_step, waiting
from jobs.invopop.job_payload import Fault, Intent, Job

__all__ = [
    "Basis",
    "Conclusion",
    "Delivery",
    "Document",
    "Outcome",
    "Workflow",
    "conclude",
    "last_word",
]


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
# [D] go client and workflow conditions; statuses are compared ignoring case.
OPEN_WORDS = {
    "": Outcome.RUNNING, "NA": Outcome.RUNNING, "RUN": Outcome.RUNNING, "QUEUED": Outcome.WAITING,
    "POKE": Outcome.WOKEN, "ERR": Outcome.RETRYING, "KO": Outcome.FAILING, "TIMEOUT": Outcome.FAILING,
    "CANCEL": Outcome.CANCELLING, "OK": Outcome.BETWEEN_STEPS, "SKIP": Outcome.BETWEEN_STEPS,
}  # fmt: skip
CHECKED = actions.NETWORKS | {"PPF"}  # asked whether the recipient can be reached
FAILED_WORDS = {"KO", "TIMEOUT"}
UNSENT = {Document.REJECTED, Document.NOT_SENT, Document.SUBMITTED_UNKNOWN}
FAULTS_SINCE = datetime(2024, 8, 29, tzinfo=UTC)  # [D] history of the API description: jobs have faults since then
MATCHED = 1_000  # faults matched with steps, and steps compared with each
# Message of a step without a document because of an earlier failure. [D] Stripe guide
NO_ENTRY = "action requires a silo entry"


@dataclass(frozen=True, slots=True)
class Workflow:
    """The current workflow definition, as far as it is needed here."""

    id: str
    name: str = ""
    version: str = ""
    steps: tuple[tuple[str, str, str], ...] = ()  # (step id, name, action) in order, branches in place
    rescue: frozenset[str] = frozenset()  # ids of the error branch's steps
    branches: frozenset[str] = frozenset()  # ids of steps that run under a condition only

    @property
    def sends(self) -> bool | None:
        """Whether a step sends the document; None if no step is known."""
        return any(destination(action) for _, _, action in self.steps) if self.steps else None

    @property
    def sending(self) -> tuple[str, ...]:
        """The actions of its steps outside the error branch."""
        return tuple(action for step_id, _, action in self.steps if step_id not in self.rescue)

    def unreached(self, job: Job) -> tuple[str, ...]:
        """The actions of the main line's steps that the job does not list, unless the definition has changed since."""
        listed = {intent.step_id for intent in job.intents}
        if not listed <= self.step_ids:
            return ()
        left_out = listed | self.rescue | self.branches
        return tuple(action for step_id, _, action in self.steps if step_id not in left_out)

    @property
    def step_ids(self) -> frozenset[str]:
        return self.rescue | {step_id for step_id, _, _ in self.steps}


@dataclass(frozen=True, slots=True)
class Conclusion:
    """Steps and faults are indexes into `job.intents` and `job.faults`."""

    outcome: Outcome
    document: Document
    deliveries: tuple[Delivery, ...] = ()  # the main destination first
    current: int | None = None  # the last intent of an open job
    failed_step: int | None = None  # the first unhandled KO or TIMEOUT; later ones are often consequences [D]
    deciding_step: int | None = None  # the failed step to explain: the same, or where the document's state is from
    handling: frozenset[int] = frozenset()  # intents of the error branch
    handling_is_guess: bool = True  # by position, not by workflow.rescue
    fault_steps: tuple[int | None, ...] = ()  # the intent of each fault
    root_fault: int | None = None
    consequences: frozenset[int] = frozenset()  # faults caused by the root fault
    skipped: tuple[int, ...] = ()  # intents that ended SKIP
    recovered: int = 0  # ERR events of intents that succeeded in the end
    waiting: Waiting | None = None
    overdue: bool = False  # "longer than usual" for this provider
    cancellation: Cancellation | None = None  # of the document, by a step
    is_left_to_others: bool = False  # only a job that this one started can have sent the document
    is_retry_late: bool = False  # no attempt began within the estimated time

    @property
    def is_open(self) -> bool:
        return self.outcome not in FINISHED

    @property
    def is_document_cancelled(self) -> bool:
        """Whether a later step cancelled the document where it had been sent; `document` is its state before."""
        main = next((each for each in self.deliveries if each.state == self.document), None)
        return main is not None and main.is_cancelled

    @property
    def reported_step(self) -> int | None:
        """The failed step, or that of the fault if no step's events tell of a failure: the API may omit events."""
        if self.failed_step is None and self.root_fault is not None:
            return self.fault_steps[self.root_fault]
        return self.failed_step

    @property
    def may_be_handled(self) -> bool:
        """Whether a step of an open job has failed, and a condition of the workflow may yet handle that."""
        return self.outcome == Outcome.FAILING and not self.fault_steps

    @property
    def is_retry_overdue(self) -> bool:
        """Whether no attempt has followed an error for as long as retries last in all; see retry_overdue.py."""
        return self.outcome == Outcome.RETRYING and self.overdue

    @property
    def place(self) -> int | None:
        """The step that the verdict is about: where a failed job failed, or where a job that goes on is."""
        if self.is_open and self.outcome != Outcome.FAILING:
            return self.current  # an earlier failure was handled
        if self.deciding_step is None and self.root_fault is not None:
            return self.fault_steps[self.root_fault]
        return self.deciding_step


def conclude(job: Job, now: datetime, workflow: Workflow | None = None) -> Conclusion:
    """Never raises, whatever the job contains."""
    words = [last_word(intent) for intent in job.intents]
    is_open = job.completed_at is None
    outcome = _open(job, words) if is_open else _completed(job, words)
    current = len(words) - 1 if is_open and words else None
    fault_steps = _fault_steps(job, words)
    failed = _failed(words, fault_steps, is_open=is_open)
    handling, guessed = _handling(job, failed, workflow)
    wait = waiting(job.intents[current]) if current is not None else None
    if outcome == Outcome.ACCEPTED:
        wait = next_step(job.created_at.at if job.created_at else None)
    overdue = wait is not None and wait.overdue_at is not None and wait.overdue_at <= now
    found = verdict(
        job,
        failed,
        fault_steps,
        is_open=is_open,
        is_failed=outcome == Outcome.COMPLETED_FAULTS,
        is_cancelled=outcome == Outcome.CANCELLED,
        sending=workflow.sending if workflow else None,
        unreached=workflow.unreached(job) if workflow and failed is not None and None not in fault_steps else (),
        overdue=current if overdue and outcome == Outcome.RUNNING else None,
        reporting=handling if _reports(job, failed, guessed=guessed) else frozenset(),
    )
    deciding = _deciding(job, failed, found)
    root = _root(fault_steps, deciding, failed)
    return Conclusion(
        outcome=outcome,
        document=found.document,
        deliveries=found.deliveries,
        cancellation=found.cancellation,
        is_left_to_others=found.document == Document.UNKNOWN and not found.deliveries and starts_others(job),
        current=current,
        failed_step=failed,
        deciding_step=deciding,
        handling=handling,
        handling_is_guess=guessed,
        fault_steps=fault_steps,
        root_fault=root,
        consequences=_consequences(job, fault_steps, root, deciding),
        skipped=tuple(place for place, word in enumerate(words) if word == "SKIP"),
        recovered=sum(
            event.word == "ERR"
            for intent, word in zip(job.intents, words, strict=True)
            if word in {"OK", "SKIP"}
            for event in intent.events
        ),
        waiting=wait,
        overdue=overdue,
        is_retry_late=wait is not None and wait.next_try is not None and wait.next_try[1] <= now,
    )


def last_word(intent: Intent) -> str:
    """The status of the intent's last event, in capitals; without events, OK if it says it completed."""
    if not intent.events:
        return "OK" if intent.completed else ""
    return intent.events[-1].word


def _failed(words: list[str], fault_steps: tuple[int | None, ...], *, is_open: bool) -> int | None:
    """The first failed step; in a finished job also a last step that ended with an error.

    A failed step without a fault was handled if another one has a fault.
    """
    failed = [place for place, word in enumerate(words) if word in FAILED_WORDS]
    at_fault = [place for place in failed if place in fault_steps]
    first = next(iter(at_fault or failed), None)
    return len(words) - 1 if first is None and not is_open and words[-1:] == ["ERR"] else first


def _deciding(job: Job, failed: int | None, found: Verdict) -> int | None:
    """The failed step to explain: the one that failed to send the document, if its state is from there.

    A later one counts only if the failed step sends too: otherwise its failure may be a consequence.
    """
    main = found.main
    if failed is None or main is None or main.step is None or main.step == failed or main.state != found.document:
        return failed
    if main.state not in UNSENT or main.role >= Role.MAIL or last_word(job.intents[main.step]) not in FAILED_WORDS:
        return failed
    is_later = main.step > failed
    return failed if is_later and destination(job.intents[failed].provider) is None else main.step


def _open(job: Job, words: list[str]) -> Outcome:
    if job.faults:
        return Outcome.FAILING  # it has failed; the error branch is still running
    if words:
        return OPEN_WORDS.get(words[-1], Outcome.UNKNOWN)
    if job.word in {"", "NA"}:
        return Outcome.ACCEPTED if job.word or job.created_at else Outcome.UNKNOWN
    return OPEN_WORDS.get(job.word, Outcome.UNKNOWN)


def _completed(job: Job, words: list[str]) -> Outcome:
    last = words[-1] if words else job.word
    if job.faults:
        return Outcome.COMPLETED_FAULTS
    if "CANCEL" in {job.word, *words}:
        return Outcome.CANCELLED
    if last in FAILED_WORDS or last == "ERR":  # [I] an error without a retry is not success
        return Outcome.COMPLETED_FAULTS
    if FAILED_WORDS.intersection(words):
        return Outcome.COMPLETED_HANDLED  # no fault was kept: a condition of the workflow handled it
    if job.word in FAILED_WORDS:
        return Outcome.COMPLETED_FAULTS  # the API reports a failure and may omit events
    return Outcome.COMPLETED


def _handling(job: Job, failed: int | None, workflow: Workflow | None) -> tuple[frozenset[int], bool]:
    """The steps of the error branch, and whether that is a guess: by position, without a workflow."""
    after = range(failed + 1, len(job.intents)) if failed is not None else range(0)
    if workflow is None or not workflow.step_ids:
        return (frozenset() if _was_handled(job) else frozenset(after)), True
    known = workflow.step_ids  # a definition that has changed may lack some steps
    strange = frozenset(place for place in after if job.intents[place].step_id not in known)
    in_rescue = {place for place, intent in enumerate(job.intents) if intent.step_id in workflow.rescue}
    return strange | in_rescue, bool(strange)


def _reports(job: Job, failed: int | None, *, guessed: bool) -> bool:
    """Whether an e-mail of the error branch only reports the failure; after that of a network it may deliver instead.

    While a job without faults is open, a condition may have handled the failure.
    """
    if guessed and not job.faults and job.completed_at is None:
        return False
    provider = job.intents[failed].provider if failed is not None else ""
    where = destination(provider)
    if where is not None:
        return where.role != Role.DELIVERS
    is_check_of_network = actions.category(provider) == Category.CHECK and actions.name(provider) in CHECKED
    return not is_check_of_network


def _was_handled(job: Job) -> bool:
    """[D] A failure handled by a condition skips the error branch. Unknown for jobs from before the API had faults."""
    created = job.created_at.at if job.created_at else None
    return job.completed_at is not None and not job.faults and (created is None or created >= FAULTS_SINCE)


def _fault_steps(job: Job, words: list[str]) -> tuple[int | None, ...]:
    """[D] A fault records a step that ended KO or TIMEOUT: each is matched with the best step still without a fault."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, intent in enumerate(job.intents):
        places[intent.provider].append(place)
    taken: set[int] = set()
    found: list[int | None] = [None] * len(job.faults)
    for place in _own_words_first(job, words):
        fault = job.faults[place]
        same = places[fault.provider][:MATCHED] if fault.provider else []
        found[place] = step = _step_of(fault, job.intents, words, same, taken)
        taken |= {step} if step is not None else set()
    return tuple(found)


def _own_words_first(job: Job, words: list[str]) -> list[int]:
    """The faults to match; those in a step's own words first, so that another one does not take its step."""
    failed = [intent for intent, word in zip(job.intents, words, strict=True) if word in FAILED_WORDS]
    said = {(intent.provider, intent.events[-1].code, intent.events[-1].message) for intent in failed}
    is_other = [(fault.provider, fault.code, fault.message) not in said for fault in job.faults[:MATCHED]]
    return sorted(range(len(is_other)), key=is_other.__getitem__)


def _step_of(
    fault: Fault, intents: tuple[Intent, ...], words: list[str], same: list[int], taken: set[int]
) -> int | None:
    ended = (place for place in same if words[place] in FAILED_WORDS)
    failed = sorted(ended, key=lambda place: _differences(intents[place], fault))
    named = [place for place in failed if _has_message_of(intents[place], fault)]
    for places in (
        [place for place in named if place not in taken],
        named,
        [p for p in failed if p not in taken],
        failed,
        same,
    ):
        if places:
            return places[0]
    return None


def _differences(intent: Intent, fault: Fault) -> tuple[bool, bool]:
    last = intent.events[-1]
    return last.message != fault.message, last.code != fault.code


def _has_message_of(intent: Intent, fault: Fault) -> bool:
    """Whether the step's last event contains the fault's message; usually they are equal."""
    message = intent.events[-1].message
    return bool(fault.message) and fault.message[:500] in message[:4_000]


def _root(fault_steps: tuple[int | None, ...], *steps: int | None) -> int | None:
    """The fault of the first of these steps that has one; otherwise the first fault."""
    if not fault_steps:
        return None
    return next((fault_steps.index(step) for step in steps if step is not None and step in fault_steps), 0)


def _consequences(
    job: Job, fault_steps: tuple[int | None, ...], root: int | None, failed: int | None
) -> frozenset[int]:
    """Faults that follow from the root one: two faults of one step are independent, and so are two attempts to send."""
    sends = failed is not None and destination(job.intents[failed].provider) is not None
    later = {
        place
        for place, step in enumerate(fault_steps)
        if step is not None
        and failed is not None
        and step > failed
        and not (sends and destination(job.intents[step].provider))
    }
    orphans = {place for place, fault in enumerate(job.faults) if NO_ENTRY in fault.message[:500]}
    return frozenset((later | orphans) - {root})
