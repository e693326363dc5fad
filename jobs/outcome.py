"""What a job means: did it work, what became of the document, which step failed, whose move it is. No Django, no database.

The rules are domain.md 1.5 and 1.6 in code. The clock is an argument: `now` is an aware datetime in UTC.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jobs.invopop.payload import Job


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


class Document(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SUBMITTED = "submitted"
    DELIVERED_PENDING = "delivered_pending"
    ALREADY_SENT = "already_sent"
    NOT_SENT = "not_sent"
    SUBMITTED_UNKNOWN = "submitted_unknown"
    NOT_APPLICABLE = "not_applicable"
    NONE = "none"
    UNKNOWN = "unknown"


class Party(StrEnum):
    """Who an open job waits for."""

    SUPPLIER = "supplier"
    CUSTOMER = "customer"
    AUTHORITY = "authority"
    NETWORK = "network"
    INVOPOP = "invopop"
    ENDPOINT = "endpoint"  # our own webhook receiver
    CLOCK = "clock"  # a step that sleeps on purpose
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open job's present step, when it waits or will be tried again."""

    party: Party
    name: str  # a proper name where there is one: "SDI", "KSeF", "Peppol"; else ""
    since: datetime | None
    attempt: int | None = None  # of the present step, from 1; counts RUN events
    next_try: tuple[datetime, datetime] | None = None  # an estimate: earliest, latest
    usual: tuple[int, int] | None = None  # usual wait in seconds: from, to
    overdue_at: datetime | None = None  # when it becomes "longer than usual"; None where no clock is known


@dataclass(frozen=True, slots=True)
class Workflow:
    """The current definition of the job's workflow, as far as it is needed here: step ids in order."""

    id: str
    name: str = ""
    version: str = ""
    steps: tuple[tuple[str, str, str], ...] = ()  # (step id, name, action), main line, branches in place
    rescue: frozenset[str] = frozenset()  # ids of the steps of the error branch


@dataclass(frozen=True, slots=True)
class Conclusion:
    """Places are indexes into `job.intents` and `job.faults`."""

    outcome: Outcome
    document: Document
    current: int | None = None  # the last intent of an open job
    failed_step: int | None = None
    handling: frozenset[int] = frozenset()  # intents of the error branch
    handling_is_guess: bool = True  # by position, not by workflow.rescue
    fault_steps: tuple[int | None, ...] = ()  # for each fault the intent it belongs to
    root_fault: int | None = None
    consequences: frozenset[int] = frozenset()  # faults that followed from the root fault
    skipped: tuple[int, ...] = ()  # intents that ended SKIP
    recovered: int = 0  # ERR events followed by another attempt that went on
    waiting: Waiting | None = None
    overdue: bool = False  # "longer than usual", by this provider's own clock

    @property
    def is_open(self) -> bool: ...


def conclude(job: Job, now: datetime, workflow: Workflow | None = None) -> Conclusion: ...
