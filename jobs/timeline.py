"""The page of a job: all that the templates need, finished. No HTTP, no JSON, nothing that depends on who looks."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings

from jobs import explanations, summary, wording, workflows
from jobs.advice import Explain
from jobs.anchors import Anchors
from jobs.causes import Causes, causes
from jobs.clipping import Scissors, Text
from jobs.encryption import Unreadable
from jobs.headline import Headline, headline
from jobs.invopop import catalogue, gobl, ids
from jobs.invopop.ids import IdFacts
from jobs.invopop.payload import Job
from jobs.models import Snapshot, Team
from jobs.moments import Stamp, stamp
from jobs.outcome import conclude
from jobs.room import NAMES, room
from jobs.shelf import Shelf, shelf
from jobs.snapshots import Shown
from jobs.steps import EventRow, NamedText, Steps, event_row, named, steps
from jobs.ticket import markdown, ticket

UNREAD_SHOWN = 12
EVENTS_A_PAGE = 200
TRIED_AGAIN = {Snapshot.Trouble.STALE, Snapshot.Trouble.REJECT, Snapshot.Trouble.THROTTLE}


@dataclass(frozen=True, slots=True)
class Identifier:
    label: str  # a key of the template's labels
    value: Text
    facts: IdFacts | None = None
    made: Stamp | None = None  # when, by the id itself


@dataclass(frozen=True, slots=True)
class About:
    """Everything else the API said of the job."""

    identifiers: tuple[Identifier, ...]
    times: tuple[tuple[str, Stamp], ...]
    status: Text
    tags: tuple[Text, ...]
    args: tuple[NamedText, ...]
    other: tuple[NamedText, ...]
    unread: tuple[NamedText, ...]
    tags_left_out: int
    args_left_out: int
    other_left_out: int
    unread_left_out: int
    has_workflow: bool
    has_entry: bool
    envelope_size: str
    envelope_bytes: int


@dataclass(frozen=True, slots=True)
class WorkflowNow:
    """The job's workflow as it is defined today, which may be later than what ran."""

    name: Text
    version: Text
    has_changed: bool  # the job ran steps that are not in it


@dataclass(frozen=True, slots=True)
class Page:
    """`state` is "job" where there is a copy; else why there is none: fetching, sealed, or a Snapshot.Trouble."""

    job_id: str
    state: str
    trouble: str = ""  # what has gone wrong since the copy was made
    failing_since: Stamp | None = None
    retry_at: Stamp | None = None
    id_facts: IdFacts | None = None
    id_made: Stamp | None = None
    headline: Headline | None = None
    causes: Causes | None = None
    steps: Steps | None = None
    files: Shelf | None = None
    document: summary.Card | None = None
    about: About | None = None
    workflow: WorkflowNow | None = None
    ticket: str = ""
    ticket_markdown: str = ""

    @property
    def has_envelope(self) -> bool:
        return self.about is not None and self.about.envelope_bytes > 0


@dataclass(frozen=True, slots=True)
class EventsPage:
    """Events of one step, a page of them, for a job that has more than its own page can hold."""

    step_name: Text
    step: int
    rows: tuple[EventRow, ...]
    start: int
    count: int
    before: int | None
    after: int | None
    steps: tuple[tuple[int, Text, int], ...]  # place, name, events: of the steps around


def page(
    team: Team, shown: Shown, now: datetime, workflow: catalogue.Workflow | None = None, language: str = "en"
) -> Page:
    """`language` is the one in force; it is an argument so that nobody forgets that a page belongs to one."""
    try:
        job = shown.job
    except Unreadable:
        return _without_copy(shown, "sealed")
    if job is None:
        return _without_copy(shown, shown.trouble or "fetching")
    return of_job(job, now, workflow or workflows.known(team, job.workflow_id), shown, language, team.is_sandbox)


def of_job(
    job: Job,
    now: datetime,
    workflow: catalogue.Workflow | None = None,
    shown: Shown | None = None,
    language: str = "en",
    sandbox: bool | None = None,
) -> Page:
    conclusion = conclude(job, now, workflows.as_concluded(workflow) if workflow else None)
    scissors, anchors = Scissors(), Anchors()
    card = summary.card(gobl.read(job.envelope)) if job.envelope else None
    space = room(job, card)
    told = steps(job, conclusion, space, scissors, anchors, workflow)
    explain = _explaining(language, sandbox)
    found = causes(job, conclusion, told.shown, explain, scissors)
    above = headline(job, conclusion, found, told, explain, scissors)
    return Page(
        job_id=str(shown.job_id) if shown else job.id,
        state="job",
        headline=above,
        causes=found,
        steps=told,
        files=shelf(job.attachments, space.files, scissors, anchors),
        document=card,
        about=_about(job, scissors),
        workflow=_now(job, workflow, scissors) if workflow else None,
        ticket=ticket(job, conclusion, above, found, card),
        ticket_markdown=markdown(job, conclusion, above, found, card),
        **(_since(shown) if shown else {}),  # type: ignore[arg-type]
    )


def _explaining(language: str, sandbox: bool | None) -> Explain:
    """The operator's explanations come before ours; a broken file of theirs takes no page away."""
    try:
        known = explanations.with_extra(settings.EXTRA_EXPLANATIONS)
    except explanations.CatalogueError:
        known = explanations.built_in()
    return lambda provider, code, message, status: explanations.explain(
        provider, code, message, status, sandbox, language=language, catalogue=known
    )


def events(job: Job, step: int, start: int) -> EventsPage | None:
    """None where the job has no such step."""
    if not 0 <= step < len(job.intents):
        return None
    intent, scissors, anchors = job.intents[step], Scissors(), Anchors()
    chosen = intent.events[start : start + EVENTS_A_PAGE]
    around = range(max(0, step - 20), min(len(job.intents), step + 21))
    return EventsPage(
        step_name=scissors.name(intent.name or intent.provider or intent.step_id),
        step=step,
        rows=tuple(event_row(event, anchors.intent(intent.id, step), scissors, anchors, None) for event in chosen),
        start=start,
        count=len(intent.events),
        before=max(0, start - EVENTS_A_PAGE) if start else None,
        after=start + EVENTS_A_PAGE if start + EVENTS_A_PAGE < len(intent.events) else None,
        steps=tuple(
            (at, scissors.name(job.intents[at].name or job.intents[at].provider), len(job.intents[at].events))
            for at in around
        ),
    )


def outline(page: Page) -> Page:
    """What the page around the live part needs, for as long as the live part is kept: the large parts left out."""
    return replace(page, causes=None, steps=None, files=None, document=None)


def with_trouble(page: Page, shown: Shown) -> Page:
    """The same job, with what has gone wrong since its copy was made."""
    return replace(page, **_since(shown))  # type: ignore[arg-type]


def _without_copy(shown: Shown, state: str) -> Page:
    facts = ids.about(shown.job_id)
    return Page(job_id=str(shown.job_id), state=state, id_facts=facts, id_made=stamp(facts.created_at), **_since(shown))  # type: ignore[arg-type]


def _since(shown: Shown) -> dict[str, object]:
    trouble = shown.trouble
    return {
        "trouble": str(trouble or ""),
        "failing_since": stamp(shown.failing_since) if trouble else None,
        "retry_at": stamp(shown.retry_at) if trouble in TRIED_AGAIN else None,
    }


def _now(job: Job, workflow: catalogue.Workflow, scissors: Scissors) -> WorkflowNow:
    known = {step.id for step in (*workflow.steps, *workflow.rescue)}
    has_changed = any(intent.step_id not in known for intent in job.intents[:200] if intent.step_id)
    return WorkflowNow(scissors.name(workflow.name), scissors.name(workflow.version), has_changed)


def _about(job: Job, scissors: Scissors) -> About:
    times = (("created", job.created_at), ("updated", job.updated_at), ("completed", job.completed_at))
    return About(
        identifiers=tuple(_identifiers(job, scissors)),
        times=tuple((label, found) for label, found in ((label, stamp(at)) for label, at in times) if found),
        status=scissors.name(job.status),
        tags=tuple(scissors.name(tag) for tag in job.tags[:NAMES]),
        args=named(job.args, scissors, NAMES),
        other=named(job.other, scissors, NAMES),
        unread=tuple(
            NamedText(scissors.name(each.pointer or "/"), scissors.text(each.text))
            for each in job.unread[:UNREAD_SHOWN]
        ),
        tags_left_out=max(0, len(job.tags) - NAMES),
        args_left_out=max(0, len(job.args) - NAMES),
        other_left_out=max(0, len(job.other) - NAMES),
        unread_left_out=max(0, job.unread_count - UNREAD_SHOWN),
        has_workflow=bool(job.workflow_id),
        has_entry=bool(job.silo_entry_id),
        envelope_size=wording.size(len(job.envelope)) if job.envelope else "",
        envelope_bytes=len(job.envelope or b""),
    )


def _identifiers(job: Job, scissors: Scissors) -> list[Identifier]:
    """The job, its entry and workflow, and what its steps created on the way."""
    given = [("job", job.id), ("key", job.key), ("entry", job.silo_entry_id), ("workflow", job.workflow_id)]
    seen = {job.silo_entry_id, ""}
    for intent in job.intents[:200]:
        for event in intent.events[:50]:
            if event.silo_entry_id not in seen and len(seen) < 10:
                seen.add(event.silo_entry_id)
                given.append(("created", event.silo_entry_id))
    return [_identifier(label, value, scissors) for label, value in given if value]


def _identifier(label: str, value: str, scissors: Scissors) -> Identifier:
    facts = ids.about(value) if label != "key" else None
    return Identifier(label, scissors.name(value), facts, stamp(facts.created_at) if facts else None)
