"""How much of a job fits on one page that a browser draws at once: 2,000 elements, whatever comes.

The weights are elements, counted in the templates; the tests count them again on the fullest pages.
"""

from dataclasses import dataclass
from itertools import islice

from jobs.invopop.payload import Event, Job
from jobs.summary import Card
from jobs.wording import LONG_TEXT

PAGE = 1_950
FRAME = 330  # the frame of the page, the headline, titles, identifiers
FILE, CAUSE, PAIR, STEP = 13, 45, 6, 19
SAMPLE = 300  # events that are weighed to know the others
NAMES = 38  # at most of each: tags, arguments, other fields
FILES, CAUSES, CONSEQUENCES = 60, 6, 12
FEWEST_FILES = 6
TOLD = 300  # what the fewest steps and events weigh: where all else is full, files give way to them
STEPS, EVENTS, BARS = 60, 200, 40


@dataclass(frozen=True, slots=True)
class Room:
    steps: int
    events: int
    bars: int  # of one step
    files: int


def room(job: Job, card: Card | None = None) -> Room:
    left = PAGE - FRAME - _beside(job) - (_of_card(card) if card else 0)
    files = max(FEWEST_FILES, min(len(job.attachments), FILES, (left - TOLD) // FILE))
    left -= FILE * min(len(job.attachments), files)
    steps = max(6, min(len(job.intents), STEPS, left * 2 // 3 // (STEP + 3)))
    bars = max(4, min(BARS, 400 // steps))
    drawn = sum(min(bars, len(intent.events)) for intent in job.intents[:steps])
    events = (left - steps * STEP - drawn) / _of_event(job)
    return Room(steps, max(20, min(EVENTS, int(events))), bars, files)


def _beside(job: Job) -> int:
    """What the other sections weigh, files left out. A job of the years before faults has one cause made up for it."""
    pairs = sum(min(len(each), NAMES) for each in (job.args, job.other)) + min(len(job.unread), 12)
    return (
        CAUSE * min(len(job.faults) or 1, CAUSES)
        + 7 * min(max(0, len(job.faults) - CAUSES), CONSEQUENCES)
        + PAIR * pairs
        + min(len(job.tags), NAMES)
    )


def _of_card(card: Card) -> int:
    rates = sum(min(len(tax.rates), 4) for tax in card.taxes[:4])
    lines = len(card.rows[:14]) + len(card.lines[:10]) + len(card.extensions[:6]) + len(card.notes[:4])
    sums = len(card.totals[:12]) + len(card.due_dates[:5]) + len(card.corrects[:5]) + rates
    return 50 + 6 * len(card.parties[:4]) + 3 * lines + 5 * sums + 14 * len(card.seals.stamps[:8])


def _of_event(job: Job) -> float:
    events = list(islice((event for intent in job.intents for event in intent.events), SAMPLE))
    return sum(map(_weight, events)) / len(events) if events else 1.0


def _weight(event: Event) -> int:
    parts = (event.code, event.args, event.other, event.silo_entry_id, len(event.message) > LONG_TEXT)
    return 3 + bool(event.message or any(parts)) + sum(map(bool, parts)) + bool(event.silo_entry_id)
