"""The steps of a job in order, on one time axis, their attempts grouped."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby

from jobs import formatting
from jobs.diagnosis import actions
from jobs.diagnosis.outcome import Conclusion, Outcome, last_word
from jobs.invopop.job_payload import Event, Intent, Job, Pair
from jobs.invopop.workflow_payload import Workflow
from jobs.presenters import state_colours
from jobs.presenters.anchors import Anchors
from jobs.presenters.bars import Bar, bars, began, ended, in_words, instants
from jobs.presenters.message_language import spoken
from jobs.presenters.page_budget import PageBudget
from jobs.presenters.state_colours import Word
from jobs.presenters.text_budget import Text, TextBudget
from jobs.presenters.time_axis import Axis, Break, Tick
from jobs.presenters.timestamps import Timestamp, timestamp

EXPECTED_SHOWN = 20
ARGS_SHOWN = 20  # per step
EVENT_ARGS_SHOWN = 200  # per event, in a single element
FOLDED_FROM = 3  # this many equal attempts are folded into one line; one fewer in a running step
OPEN_WORDS = {"", "NA", "RUN", "QUEUED", "POKE", "ERR"}


@dataclass(frozen=True, slots=True)
class NamedText:
    name: Text
    value: Text


@dataclass(frozen=True, slots=True)
class EventRow:
    anchor: str
    index: int | None
    status: str
    word: Word
    at: Timestamp | None
    code: Text
    message: Text
    args: tuple[NamedText, ...] = ()
    entry_id: str = ""
    other: tuple[NamedText, ...] = ()


@dataclass(frozen=True, slots=True)
class Lines:
    """Part of a step's log: single rows, folded equal rows, or a gap."""

    rows: tuple[EventRow, ...] = ()
    attempts: int = 0  # > 0: this many equal attempts are folded
    omitted: int = 0  # > 0: a gap of this many events
    start: int = 0  # the position of the first event in the gap


@dataclass(frozen=True, slots=True)
class Step:
    anchor: str
    position: int
    name: Text
    provider: Text
    kind: str  # jobs.diagnosis.actions.Category
    status: str  # of the last event, or "" or "expected"
    word: Word
    is_failed: bool = False  # the first failed step, or the one that is explained: it is expanded
    is_handling: bool = False
    is_current: bool = False
    is_expected: bool = False
    bars: tuple[Bar, ...] = ()
    bars_in_words: str = ""
    duration: str = ""
    since: Timestamp | None = None  # the start of an open job's current step
    attempts: int = 0
    events: int = 0
    log: tuple[Lines, ...] = ()
    id: Text = field(default=Text(""))
    step_id: Text = field(default=Text(""))
    step_field: str = ""
    created_at: Timestamp | None = None
    updated_at: Timestamp | None = None
    completed: bool | None = None
    other: tuple[NamedText, ...] = ()


@dataclass(frozen=True, slots=True)
class Steps:
    shown: tuple[Step, ...]
    expected: tuple[Step, ...] = ()
    left_out: int = 0  # steps not shown
    first_left_out: int = 0
    events: int = 0  # of all steps
    events_left_out: int = 0
    attempts: int = 0
    ticks: tuple[Tick, ...] = ()
    breaks: tuple[Break, ...] = ()
    handling_is_guess: bool = True


def steps(
    job: Job,
    conclusion: Conclusion,
    space: PageBudget,
    text_budget: TextBudget,
    anchors: Anchors,
    workflow: Workflow | None = None,
) -> Steps:
    chosen = _chosen(job, conclusion, space.steps)
    axis = _axis(job, conclusion, chosen)
    quota = _quota([len(job.intents[place].events) for place in chosen], space.events)
    shown = tuple(_step(job, place, conclusion, axis, space, quota, text_budget, anchors) for place in chosen)
    total = sum(len(intent.events) for intent in job.intents)
    visible = sum(len(lines.rows) for step in shown for lines in step.log)
    return Steps(
        shown=shown,
        expected=tuple(_expected(job, conclusion, workflow, text_budget)),
        left_out=len(job.intents) - len(chosen),
        first_left_out=next((at for at, place in enumerate(chosen) if at != place), len(chosen)),
        events=total,
        events_left_out=total - visible,
        attempts=sum(step.attempts for step in shown),
        ticks=tuple(axis.ticks),
        breaks=tuple(axis.breaks),
        handling_is_guess=conclusion.handling_is_guess,
    )


def event_row(
    event: Event,
    intent_anchor: str,
    text_budget: TextBudget,
    anchors: Anchors,
    day_of: datetime | None,
    provider: str = "",
) -> EventRow:
    return EventRow(
        anchor=anchors.event(intent_anchor, event.index, event.position),
        index=event.index,
        status=formatting.visible(event.status)[:60],
        word=state_colours.event(event.status),
        at=timestamp(event.at, day_of or datetime.min.replace(tzinfo=UTC)),
        code=text_budget.name(event.code),
        message=spoken(text_budget.text(event.message), provider),
        args=named(event.args, text_budget, EVENT_ARGS_SHOWN),
        entry_id=formatting.visible(event.silo_entry_id[:100]),
        other=named(event.other, text_budget, EVENT_ARGS_SHOWN),
    )


def named(pairs: Sequence[Pair], text_budget: TextBudget, limit: int = ARGS_SHOWN) -> tuple[NamedText, ...]:
    return tuple(NamedText(text_budget.name(pair.name), text_budget.text(pair.value)) for pair in pairs[:limit])


def _chosen(job: Job, conclusion: Conclusion, most: int) -> list[int]:
    """The positions of all steps; of too many, the first ones, the failed one and the last ones."""
    count = len(job.intents)
    if count <= most:
        return list(range(count))
    ends = {*range(most // 2), *range(count - most // 2 + 1, count)}
    failed = {place for place in (conclusion.failed_step, conclusion.deciding_step) if place is not None}
    return sorted(ends | failed)


def _axis(job: Job, conclusion: Conclusion, chosen: list[int]) -> Axis:
    times = [at for place in chosen for at in instants(job.intents[place])]
    spans = [(began(job.intents[place]), ended(job.intents[place])) for place in chosen]
    if times and conclusion.is_open:  # leave room for the running step
        times.append(max(times) + max((max(times) - min(times)) / 8, timedelta(milliseconds=200)))
    return Axis(times, [(start, end) for start, end in spans if start and end], is_open=conclusion.is_open)


def _quota(counts: list[int], most: int) -> int:
    """The largest number of events per step whose total is within the limit."""
    quota = most
    while quota > 1 and sum(min(count, quota) for count in counts) > most:
        quota -= 1
    return quota


def _step(
    job: Job,
    place: int,
    conclusion: Conclusion,
    axis: Axis,
    space: PageBudget,
    quota: int,
    text_budget: TextBudget,
    anchors: Anchors,
) -> Step:
    intent = job.intents[place]
    word = last_word(intent)
    anchor = anchors.intent(intent.id, place)
    day_of = job.created_at.at if job.created_at else None
    is_current = place == conclusion.current and conclusion.outcome != Outcome.BETWEEN_STEPS
    is_open = is_current and word in OPEN_WORDS
    log = tuple(_log(intent, anchor, quota, text_budget, anchors, day_of, FOLDED_FROM - is_open))
    start, end = began(intent), ended(intent)
    return Step(
        anchor=anchor,
        position=place,
        name=text_budget.name(intent.name),
        provider=text_budget.name(intent.provider),
        kind=actions.category(intent.provider),
        status=formatting.visible(intent.events[-1].status)[:60] if intent.events else "",
        word=state_colours.step(intent.events[-1].status if intent.events else word),
        is_failed=place in {conclusion.failed_step, conclusion.deciding_step},
        is_handling=place in conclusion.handling,
        is_current=is_current,
        bars=bars(intent, axis, space.bars, is_open=is_open),
        bars_in_words=in_words(intent, day_of),
        duration=""
        if is_open
        else formatting.duration(end - start if start and end and len(intent.events) > 1 else None),
        since=timestamp(start) if is_open else None,
        attempts=_attempts_after_errors(intent),
        events=len(intent.events),
        log=log,
        id=text_budget.name(intent.id),
        step_id=text_budget.name(intent.step_id),
        step_field=intent.step_field,
        created_at=timestamp(intent.created_at, day_of),
        updated_at=timestamp(intent.updated_at, day_of),
        completed=intent.completed,
        other=named(intent.other, text_budget),
    )


def _attempts_after_errors(intent: Intent) -> int:
    """The number of attempts of a step with errors; a waiting step is only polled repeatedly."""
    words = [event.word for event in intent.events]
    return words.count("RUN") if "ERR" in words else min(1, words.count("RUN"))


def _log(
    intent: Intent,
    anchor: str,
    quota: int,
    text_budget: TextBudget,
    anchors: Anchors,
    day_of: datetime | None,
    folded_from: int,
) -> Iterable[Lines]:
    """The first few events and the last ones, with the gap counted."""
    events = intent.events
    head = len(events) if len(events) <= quota else quota // 4
    tail = len(events) - (quota - head) if len(events) > quota else head
    rows = {
        at: event_row(events[at], anchor, text_budget, anchors, day_of, intent.provider)
        for at in [*range(head), *range(tail, len(events))]
    }
    yield from _folded([rows[at] for at in range(head)], folded_from)
    if tail > head:
        yield Lines(omitted=tail - head, start=head)
    yield from _folded([rows[at] for at in range(tail, len(events))], folded_from)


def _folded(rows: list[EventRow], folded_from: int) -> Iterable[Lines]:
    """Folds equal attempts into one line that can be expanded: "RUN, ERR ×5, RUN, OK"."""
    for (_, foldable), attempts in groupby(_attempts(rows), key=_alike):
        found = list(attempts)
        together = tuple(row for attempt in found for row in attempt)
        yield Lines(together, attempts=len(found) if foldable and len(found) >= folded_from else 0)


def _attempts(rows: list[EventRow]) -> Iterable[tuple[EventRow, ...]]:
    """Groups each RUN with its result; other events stay alone."""
    at = 0
    while at < len(rows):
        pair = rows[at : at + 2]
        is_attempt = (
            len(pair) == 2
            and pair[0].word.label == state_colours.EVENTS["RUN"].label
            and pair[1].word.tone in {"warn", "wait"}
        )
        yield tuple(pair if is_attempt else pair[:1])
        at += 2 if is_attempt else 1


def _alike(attempt: tuple[EventRow, ...]) -> tuple[object, bool]:
    last = attempt[-1]
    return (last.status, last.code.shown, len(attempt)) if len(attempt) == 2 else "", len(attempt) == 2


def _expected(job: Job, conclusion: Conclusion, workflow: Workflow | None, text_budget: TextBudget) -> Iterable[Step]:
    """The remaining steps of the workflow, if nothing failed and its definition is unchanged."""
    if workflow is None or not conclusion.is_open or conclusion.failed_step is not None:
        return
    ran = [intent.step_id for intent in job.intents[-100:]]
    known = [step.id for step in workflow.steps]
    if not set(ran) <= set(known):
        return
    first = known.index(ran[-1]) + 1 if ran else 0
    following = [(place, step) for place, step in enumerate(workflow.steps) if place >= first and not step.branch]
    for place, step in following[:EXPECTED_SHOWN]:
        yield Step(
            anchor=f"expected-{place}",
            position=place,
            name=text_budget.name(step.name),
            provider=text_budget.name(step.action),
            kind=actions.category(step.action),
            status="expected",
            word=replace(state_colours.STEPS[""], icon="pending"),
            is_expected=True,
            step_id=text_budget.name(step.id),
        )
