"""What an open job waits for, since when, its next retry, and when it is overdue.

The API states none of this: it follows from the step's action and events. The page marks estimates as such. How often
the API is requested is in upstream/schedule.py.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from jobs.diagnosis import actions
from jobs.diagnosis.actions import Category
from jobs.diagnosis.destinations import destination
from jobs.diagnosis.explanations import Owner, explain
from jobs.invopop.job_payload import Event, Intent

MINUTE, HOUR, DAY = 60, 3_600, 86_400
# [D] webhook guide, taken as the general rule: seconds between attempts; the last repeats, for a total of 12 hours.
BACK_OFF = (5, 10, 20, 40, 80, 160, 320, 640, 1280, 1800)
RETRIES = 12 * HOUR + 13 * MINUTE  # how long they last in all; a provider may set its own pauses
ATTEMPT = MINUTE  # [D] the default time limit of an attempt
PAUSE = 10 * MINUTE  # [I] between steps; normally less than a second [D]


class Party(StrEnum):
    """Whom an open job waits for."""

    SUPPLIER = "supplier"
    SUPPLIER_OR_AUTHORITY = "supplier_or_authority"  # first one, then the other; the job does not say which
    CUSTOMER = "customer"
    AUTHORITY = "authority"
    NETWORK = "network"
    INVOPOP = "invopop"
    ENDPOINT = "endpoint"  # our own webhook receiver
    CLOCK = "clock"  # a planned delay
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Waiting:
    """The current step of an open job, if it runs, waits or will be retried."""

    party: Party
    name: str  # a proper name such as "SDI", "KSeF", "Peppol", or ""
    since: datetime | None
    attempt: int | None = None  # of the current step, from 1; counts RUN events
    next_try: tuple[datetime, datetime] | None = None  # an estimate: earliest, latest
    usual: tuple[int, int] | None = None  # usual wait in seconds: from, to
    overdue_at: datetime | None = None  # when it becomes "longer than usual"; None if the usual time is unknown


# How long a QUEUED step usually takes, in seconds: (provider prefix, code prefix) -> (from, to). [D] guides and FAQs
CLOCKS = (
    ("sdi-it.send", "delivered-pa", (0, 15 * DAY)),
    ("sdi-it.send", "", (1, 2 * DAY)),
    ("verifactu.wait.approval", "", (HOUR, 3 * DAY)),
    ("gov-es.sii.wait.approval", "", (HOUR, 3 * DAY)),
    ("gov-es.ticketbai.wait.approval", "", (HOUR, 3 * DAY)),
    ("verifactu.wait", "", (HOUR, 100 * DAY)),
    ("gov-es.sii.wait", "", (HOUR, 100 * DAY)),
    ("gov-es.ticketbai.wait", "", (HOUR, 100 * DAY)),
    ("gov-es.noverifactu.wait", "", (HOUR, 100 * DAY)),
    ("peppol.wait.approval", "", (HOUR, 3 * DAY)),
    ("chorus-pro.register", "", (DAY, 30 * DAY)),
)
# Reviewed by Invopop's staff, not by the supplier. [D] Spanish supplier guides
REVIEWS = ("verifactu.wait.approval", "gov-es.sii.wait.approval", "gov-es.ticketbai.wait.approval")
# [D] enablement API: the supplier submits the DIAN's test set, then the DIAN decides.
EITHER = "gov-co.wait.enablement"
REGISTERED_BY_THEM = "chorus-pro"  # [D] its registration waits for the supplier alone; others do not say
# Steps that Invopop runs itself.
OWN = {
    Category.BRANCH, Category.CONVERT, Category.LABEL, Category.MODIFY, Category.NUMBER, Category.RENDER,
    Category.SCHEDULE, Category.SIGN, Category.SPAWN,
}  # fmt: skip


def waiting(intent: Intent) -> Waiting | None:
    """What an open job waits for at its current step. Never raises."""
    if not intent.events:
        return None
    last = intent.events[-1]
    party = _party(intent, last)
    name, attempt = actions.name(intent.provider), _count(intent, "RUN") or None
    match last.word:
        case "QUEUED":
            since = _since(intent)
            usual = _usual(intent.provider, last.code)
            return Waiting(
                party, name, since, attempt, usual=usual, overdue_at=_after(since, usual[1]) if usual else None
            )
        case "ERR":
            return Waiting(
                party, name, _first_error(intent), attempt,
                next_try=_next_try(intent, last), overdue_at=_after(_at(last), RETRIES),
            )  # fmt: skip
        case "RUN" | "POKE":
            return Waiting(party, name, _at(last), attempt, overdue_at=_after(_at(last), ATTEMPT))
        case "OK" | "SKIP" | "KO" | "TIMEOUT":
            return next_step(_at(last))
    return None


def next_step(since: datetime | None) -> Waiting:
    """The wait for a step to begin."""
    return Waiting(Party.INVOPOP, "", since, overdue_at=_after(since, PAUSE))


def _party(intent: Intent, last: Event) -> Party:
    action = intent.provider.strip().lower()
    kind, name = actions.category(action), actions.name(action)
    if action.startswith("sdi-it.send") and last.code.lower() == "delivered-pa":
        return Party.CUSTOMER  # a public body decides
    if _needs_the_supplier(intent, last):
        return Party.SUPPLIER
    if action.startswith(EITHER) or (kind == Category.REGISTER and name and not action.startswith(REGISTERED_BY_THEM)):
        return Party.SUPPLIER_OR_AUTHORITY
    if kind == Category.WAIT_HUMAN:
        return Party.INVOPOP if action.startswith(REVIEWS) else Party.SUPPLIER
    if kind in {Category.REGISTER, Category.WAIT_HUMAN_SETUP}:
        return Party.SUPPLIER
    if kind == Category.WAIT:
        return Party.CLOCK
    if action == "webhook" or action.startswith("webhook."):
        return Party.ENDPOINT
    if kind in OWN:
        return Party.INVOPOP
    if name in actions.NETWORKS:
        return Party.NETWORK
    return Party.AUTHORITY if name else Party.UNKNOWN


def _needs_the_supplier(intent: Intent, last: Event) -> bool:
    """Whether a step that sends is queued for what only the supplier can provide, such as a valid certificate."""
    if last.word != "QUEUED" or not last.message or destination(intent.provider) is None:
        return False
    found = explain(intent.provider, last.code, last.message, "ERR")
    return found is not None and found.owner == Owner.SUPPLIER


def _since(intent: Intent) -> datetime | None:
    """When the current wait began: polling with the same result does not restart it; a POKE does."""
    since, answer = None, None
    for event in reversed(intent.events):
        word = event.word
        if word == "QUEUED" and answer in {None, (event.code, event.message)}:
            since, answer = _at(event), (event.code, event.message)
        elif word != "RUN" and answer is not None:
            break
    return since


def _first_error(intent: Intent) -> datetime | None:
    first = next((event for event in intent.events if event.word == "ERR"), None)
    return _at(first) if first else None


def _next_try(intent: Intent, last: Event) -> tuple[datetime, datetime] | None:
    """[I] The last error plus the general back-off; providers may differ, so the window is wide."""
    seconds = BACK_OFF[min(_count(intent, "ERR"), len(BACK_OFF)) - 1]
    earliest = _after(_at(last), seconds)
    latest = _after(_at(last), seconds * 1.5 + 5)
    return (earliest, latest) if earliest and latest else None


def _usual(provider: str, code: str) -> tuple[int, int] | None:
    clocks = (
        usual
        for prefix, start, usual in CLOCKS
        if provider.strip().lower().startswith(prefix) and code.strip().lower().startswith(start)
    )
    return next(clocks, None)


def _count(intent: Intent, word: str) -> int:
    return sum(event.word == word for event in intent.events)


def _at(event: Event) -> datetime | None:
    return event.at.at if event.at else None


def _after(start: datetime | None, seconds: float) -> datetime | None:
    try:
        return start + timedelta(seconds=seconds) if start else None
    except OverflowError:
        return None
