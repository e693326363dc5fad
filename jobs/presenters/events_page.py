"""The events of one step, paged, for a job that has too many for its page."""

from dataclasses import dataclass

from jobs.invopop.job_payload import Job
from jobs.presenters.anchors import Anchors
from jobs.presenters.steps import EventRow, event_row
from jobs.presenters.text_budget import Text, TextBudget

EVENTS_A_PAGE = 200
AROUND = 20  # steps before and after that the page links to


@dataclass(frozen=True, slots=True)
class EventsPage:
    anchor: str  # of the step
    step_name: Text
    step: int
    rows: tuple[EventRow, ...]
    start: int
    count: int
    before: int | None
    after: int | None
    steps: tuple[tuple[int, Text, int], ...]  # position, name and number of events of the neighbouring steps


def events(job: Job, step: int, start: int) -> EventsPage | None:
    """None if the job has no such step."""
    if not 0 <= step < len(job.intents):
        return None
    intent, text_budget, anchors = job.intents[step], TextBudget(), Anchors()
    chosen = intent.events[start : start + EVENTS_A_PAGE]
    anchor = anchors.intent(intent.id, step)
    around = range(max(0, step - AROUND), min(len(job.intents), step + AROUND + 1))
    return EventsPage(
        anchor=anchor,
        step_name=text_budget.name(intent.name or intent.provider or intent.step_id),
        step=step,
        rows=tuple(event_row(event, anchor, text_budget, anchors, None, intent.provider) for event in chosen),
        start=start,
        count=len(intent.events),
        before=max(0, start - EVENTS_A_PAGE) if start else None,
        after=start + EVENTS_A_PAGE if start + EVENTS_A_PAGE < len(intent.events) else None,
        steps=tuple(
            (at, text_budget.name(job.intents[at].name or job.intents[at].provider), len(job.intents[at].events))
            for at in around
        ),
    )


def place_of(job: Job, anchor: str) -> tuple[int, int] | None:
    """The step and first event of the events page that contains the anchor; None if there is none."""
    anchors = Anchors()
    for step, intent in enumerate(job.intents):
        own = anchors.intent(intent.id, step)
        if anchor == own:
            return step, 0
        if anchor.startswith(f"event{own.removeprefix('intent')}-"):
            events = (anchors.event(own, event.index, event.position) for event in intent.events)
            at = next((at for at, name in enumerate(events) if name == anchor), None)
            return (step, at - at % EVENTS_A_PAGE) if at is not None else None
    return None
