"""How much of a job fits on a page: at most 2,000 elements, which a browser draws at once.

The weights are numbers of elements in the templates; the tests count them again on the fullest pages.
"""

from dataclasses import dataclass
from itertools import islice

from jobs.diagnosis.destinations import destination
from jobs.formatting import LONG_TEXT
from jobs.invopop.job_payload import Event, Job
from jobs.presenters.card import Card

PAGE = 1_950
FRAME = 355  # the layout, headline, titles and identifiers
DELIVERY, DELIVERIES = 7, 6
FILE, CAUSE, PAIR, STEP = 16, 45, 6, 19
MANY_FILES = 14  # the search field and download link for several files
SAMPLE = 300  # events that are weighed to estimate the rest
NAMES = 36  # limit for each of tags, arguments and other fields
FILES, CAUSES, CONSEQUENCES = 60, 6, 12
FEWEST_FILES = 6
STEPS_WEIGH = 300  # reserved for a minimum of steps and events before files
STEPS, EVENTS, BARS = 60, 200, 40


@dataclass(frozen=True, slots=True)
class PageBudget:
    steps: int
    events: int
    bars: int  # of one step
    files: int


def page_budget(job: Job, card: Card | None = None) -> PageBudget:
    """The room left for steps, events and files beside `card`, which is already cut."""
    left = PAGE - FRAME - _beside(job) - (_of_card(card) if card else 0)
    files = max(FEWEST_FILES, min(len(job.attachments), FILES, (left - STEPS_WEIGH) // FILE))
    left -= FILE * min(len(job.attachments), files) + (MANY_FILES if len(job.attachments) > 1 else 0)
    steps = max(6, min(len(job.intents), STEPS, left * 2 // 3 // (STEP + 3)))
    bars = max(4, min(BARS, 400 // steps))
    drawn = sum(min(bars, len(intent.events)) for intent in job.intents[:steps])
    events = (left - steps * STEP - drawn) / _of_event(job)
    return PageBudget(steps, max(20, min(EVENTS, int(events))), bars, files)


def _beside(job: Job) -> int:
    """The weight of other sections, without files. A job from before the API had faults has one cause."""
    pairs = sum(min(len(each), NAMES) for each in (job.args, job.other)) + min(len(job.unread), 12)
    return (
        CAUSE * min(len(job.faults) or 1, CAUSES)
        + 7 * min(max(0, len(job.faults) - CAUSES), CONSEQUENCES)
        + PAIR * pairs
        + DELIVERY * _deliveries(job)
        + min(len(job.tags), NAMES)
    )


def _deliveries(job: Job) -> int:
    found = {where.to for intent in job.intents[:1_000] if (where := destination(intent.provider))}
    return min(len(found), DELIVERIES)


def _of_card(card: Card) -> int:
    """The weight of a card, which is already cut and drawn in full."""
    rates = sum(len(tax.rates) for tax in card.taxes)
    lines = len(card.rows) + len(card.lines) + len(card.extensions) + len(card.notes)
    sums = len(card.totals) + len(card.due_dates) + len(card.corrects) + rates
    return 50 + 10 * len(card.parties) + 3 * lines + 5 * sums + 14 * len(card.seals.stamps)


def _of_event(job: Job) -> float:
    events = list(islice((event for intent in job.intents for event in intent.events), SAMPLE))
    return sum(map(_weight, events)) / len(events) if events else 1.0


def _weight(event: Event) -> int:
    parts = (event.code, event.args, event.other, event.silo_entry_id, len(event.message) > LONG_TEXT)
    return 3 + bool(event.message or any(parts)) + sum(map(bool, parts)) + bool(event.silo_entry_id)
