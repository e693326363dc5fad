"""The page of a job: everything its templates need, independent of HTTP, JSON and the reader."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from django.conf import settings

from jobs import cpu_budget
from jobs.diagnosis import explanations
from jobs.diagnosis.advice import Explain
from jobs.diagnosis.explanations import Explanation
from jobs.diagnosis.outcome import Conclusion, conclude
from jobs.gobl import envelope
from jobs.gobl.identity import Identity, of_document
from jobs.invopop import uuids
from jobs.invopop.job_payload import Job
from jobs.invopop.uuids import IdFacts
from jobs.invopop.workflow_payload import Workflow
from jobs.models import Snapshot
from jobs.presenters import card as cards
from jobs.presenters.anchors import Anchors
from jobs.presenters.card import Card
from jobs.presenters.faults import Causes, causes
from jobs.presenters.files import Files, files
from jobs.presenters.headline import Headline, headline
from jobs.presenters.identity import Recognised, recognised
from jobs.presenters.job_details import JobDetails, job_details
from jobs.presenters.page_budget import PageBudget, page_budget
from jobs.presenters.steps import Steps, steps
from jobs.presenters.text_budget import Text, TextBudget
from jobs.presenters.timestamps import Timestamp, timestamp
from jobs.presenters.whose_move import Instruction, instruction
from jobs.upstream import snapshots, workflows
from jobs.upstream.snapshots import SnapshotView

CARD, PLACES = 0.4, 0.2  # seconds of processor time for the document's card, and for the places of faults
TRIED_AGAIN = {Snapshot.Trouble.STALE, Snapshot.Trouble.REJECT, Snapshot.Trouble.THROTTLE}


@dataclass(frozen=True, slots=True)
class WorkflowNow:
    """The job's workflow as now defined, which may be newer than the one that ran."""

    name: Text
    version: Text
    has_changed: bool  # the job ran steps that it no longer has


@dataclass(frozen=True, slots=True)
class Page:
    """`state` is "job" if there is a copy; otherwise the reason: fetching, sealed, or a Snapshot.Trouble."""

    job_id: str
    state: str
    trouble: str = ""  # the failure since the copy was fetched
    exceeds_limits: bool = False  # the API's last response was too large to be read
    failing_since: Timestamp | None = None
    retry_at: Timestamp | None = None
    answer: Explanation | None = None  # of the API's last response, if it was an error
    id_facts: IdFacts | None = None
    id_made: Timestamp | None = None
    headline: Headline | None = None
    move: Instruction | None = None
    causes: Causes | None = None
    steps: Steps | None = None
    files: Files | None = None
    document: cards.Card | None = None
    identity: Recognised = Recognised()
    details: JobDetails | None = None
    workflow: WorkflowNow | None = None

    @property
    def repeats_remedy(self) -> bool:
        """Whether "What went wrong" says the same as `move`."""
        if not self.move or not self.causes or not self.headline or self.headline.needs_no_remedy:
            return False
        found = (cause.explanation for cause in self.causes.shown)
        return any(each is not None and each.remedy == self.move.what for each in found)

    @property
    def has_envelope(self) -> bool:
        return self.details is not None and self.details.envelope_bytes > 0


def page(
    shown: SnapshotView,
    now: datetime,
    workflow: Workflow | None = None,
    language: str = "en",
    sandbox: bool | None = None,
) -> Page:
    """`workflow`: the job's workflow as now defined, if known. `language`: the active one; a page is in one language.
    `sandbox`: whether the team's workspace is a sandbox; None if unknown.

    Raises encryption.Unreadable if this process has no key for the copy.
    """
    job = shown.job
    if job is None:
        return _without_copy(shown, shown.trouble or "fetching", language)
    return of_job(job, now, workflow, shown, language, sandbox)


def unreadable(shown: SnapshotView, language: str = "en") -> Page:
    """The page shown if the copy cannot be decrypted."""
    return _without_copy(shown, "sealed", language)


@dataclass(frozen=True, slots=True)
class Read:
    """A job with its conclusions, from which the page and the texts to copy are made."""

    conclusion: Conclusion
    card: Card | None  # uncut
    drawn: Card | None  # cut to fit the page
    identity: Identity
    space: PageBudget
    steps: Steps
    causes: Causes
    headline: Headline
    text_budget: TextBudget
    anchors: Anchors


def read(
    job: Job,
    now: datetime,
    workflow: Workflow | None = None,
    language: str = "en",
    sandbox: bool | None = None,
) -> Read:
    conclusion = conclude(job, now, workflows.as_concluded(workflow) if workflow else None)
    text_budget, anchors = TextBudget(), Anchors()
    card, identity = _document(job)
    drawn = cards.cut(card) if card else None
    space = page_budget(job, drawn)
    shown_steps = steps(job, conclusion, space, text_budget, anchors, workflow)
    explain = _explaining(language, sandbox)
    with cpu_budget.limited(PLACES):
        found = causes(job, conclusion, shown_steps.shown, explain, text_budget)
    above = headline(job, conclusion, found, shown_steps, explain, text_budget)
    return Read(conclusion, card, drawn, identity, space, shown_steps, found, above, text_budget, anchors)


def of_job(
    job: Job,
    now: datetime,
    workflow: Workflow | None = None,
    shown: SnapshotView | None = None,
    language: str = "en",
    sandbox: bool | None = None,
) -> Page:
    parts = read(job, now, workflow, language, sandbox)
    text_budget = parts.text_budget
    return Page(
        job_id=str(shown.row.job_id) if shown else job.id,
        state="job",
        headline=parts.headline,
        move=instruction(parts.headline),
        causes=parts.causes,
        steps=parts.steps,
        files=files(job.attachments, parts.space.files, text_budget, parts.anchors),
        document=parts.drawn,
        identity=recognised(parts.identity),
        details=job_details(job, text_budget),
        workflow=_now(job, workflow, text_budget) if workflow else None,
        **(_since(shown, language) if shown else {}),  # type: ignore[arg-type]
    )


def _document(job: Job) -> tuple[Card | None, Identity]:
    """The document's card and identity, as far as they can be read within the time limit; the card is optional."""
    identity = Identity()
    try:
        with cpu_budget.limited(CARD):
            identity = of_document(job.envelope)
            return cards.card(envelope.read(job.envelope)) if job.envelope else None, identity
    except cpu_budget.Exhausted:
        return None, identity


def _explaining(language: str, sandbox: bool | None) -> Explain:
    """A cached look-up of explanations, shared by headline, faults and copied texts."""
    known = _known()

    @cache
    def explain(provider: str, code: str, message: str, status: str) -> Explanation | None:
        return explanations.explain(provider, code, message, status, sandbox, language=language, catalogue=known)

    return explain


def _known() -> explanations.Catalogue:
    """The operator's explanations before ours; an invalid file of theirs is ignored."""
    try:
        return explanations.with_extra(settings.EXTRA_EXPLANATIONS)
    except explanations.CatalogueError:
        return explanations.built_in()


def outline(page: Page) -> Page:
    """The page without its large parts, cached with the live part for the rest of the page."""
    return replace(page, causes=None, steps=None, files=None, document=None)


def with_trouble(page: Page, shown: SnapshotView, language: str) -> Page:
    """The same page with the failure since its copy was fetched."""
    return replace(page, **_since(shown, language))  # type: ignore[arg-type]


def _without_copy(shown: SnapshotView, state: str, language: str) -> Page:
    facts = uuids.about(shown.row.job_id)
    page = Page(job_id=str(shown.row.job_id), state=state, id_facts=facts, id_made=timestamp(facts.created_at))
    return with_trouble(page, shown, language)


def _since(shown: SnapshotView, language: str) -> dict[str, object]:
    trouble = shown.trouble
    return {
        "trouble": str(trouble or ""),
        "answer": explanations.explain_answer(shown.row.reason, _known(), language) if trouble else None,
        "exceeds_limits": snapshots.exceeds_limits(shown.row),
        "failing_since": timestamp(shown.row.failing_since) if trouble else None,
        "retry_at": timestamp(shown.row.retry_at) if trouble in TRIED_AGAIN else None,
    }


def _now(job: Job, workflow: Workflow, text_budget: TextBudget) -> WorkflowNow:
    known = {step.id for step in (*workflow.steps, *workflow.rescue)}
    has_changed = any(intent.step_id not in known for intent in job.intents[:200] if intent.step_id)
    return WorkflowNow(text_budget.name(workflow.name), text_budget.name(workflow.version), has_changed)
