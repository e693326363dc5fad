"""The top of the page: what became of the job and of the document, why, and whose move it is. The sentences themselves
are in the template `jobs/_headline.html`; here are the facts they are about."""

from dataclasses import dataclass

from jobs import actions, wording
from jobs.actions import Category
from jobs.advice import Advice, Explain, advice
from jobs.causes import Causes
from jobs.clipping import Scissors, Text
from jobs.document import Document
from jobs.explanations import Explanation, Owner, Rerun
from jobs.invopop.payload import Job
from jobs.moments import Stamp, stamp
from jobs.outcome import Conclusion, Outcome
from jobs.steps import Step, Steps
from jobs.waiting import Party, Waiting
from jobs.wording import Label, Word

SETTLED = {Document.ACCEPTED, Document.SUBMITTED, Document.DELIVERED_PENDING, Document.ALREADY_SENT}


@dataclass(frozen=True, slots=True)
class Headline:
    outcome: str
    word: Word
    document: str
    document_word: Word
    authority: str  # its proper name, or ""
    is_open: bool
    faults: int
    steps: int
    step: Step | None  # the present one, or the one that failed
    step_name: Text
    reason: Text | None  # what the step itself said, where it says why
    explanation: Explanation | None
    move: str  # jobs.advice.Move
    owner: Label
    rerun: Word | None
    skipped: int
    skipped_why: Text | None
    recovered: int
    party: str  # jobs.waiting.Party, or ""
    authority_waited_for: str  # its proper name, or ""
    attempt: int | None
    next_try: tuple[Stamp, Stamp] | None
    usual: str
    overdue: bool
    status: Text  # the API's own word, for the unknown
    started: Stamp | None
    ended: Stamp | None
    since: Stamp | None  # of the present wait
    duration: str


def headline(
    job: Job, conclusion: Conclusion, causes: Causes, steps: Steps, explain: Explain, scissors: Scissors
) -> Headline:
    place = conclusion.failed_step if conclusion.failed_step is not None else conclusion.current
    found = advice(conclusion, job, explain)
    wait = conclusion.waiting
    last = job.intents[place].events[-1] if place is not None and job.intents[place].events else None
    return Headline(
        outcome=str(conclusion.outcome),
        word=wording.outcome(str(conclusion.outcome)),
        document=str(conclusion.document),
        document_word=wording.document(str(conclusion.document), is_open=conclusion.is_open),
        authority=_authority(job),
        is_open=conclusion.is_open,
        faults=len(job.faults) or (1 if causes.root else 0),
        steps=len(job.intents),
        step=next((step for step in steps.shown if step.position == place), None),
        step_name=_name(job, place, scissors),
        reason=scissors.text(last.message or last.code, 300) if last and (last.message or last.code) else None,
        explanation=found.explanation,
        move=str(found.move),
        owner=_owner(conclusion, found),
        rerun=_rerun(conclusion, found),
        skipped=len(conclusion.skipped),
        skipped_why=_skipped_why(job, conclusion, scissors),
        recovered=conclusion.recovered,
        party=str(wait.party) if wait else "",
        authority_waited_for=_waited_for(wait),
        attempt=wait.attempt if wait else None,
        next_try=_window(conclusion),
        usual=wording.about(wait.usual[1]) if wait and wait.usual else "",
        overdue=conclusion.overdue,
        status=scissors.name(last.status if last else job.status),
        started=stamp(job.created_at),
        ended=stamp(job.completed_at),
        since=stamp(wait.since) if wait else None,
        duration=_duration(job),
    )


def _owner(conclusion: Conclusion, found: Advice) -> Label:
    """What has ended takes no more time: nobody's move is then nothing to say."""
    owner = found.explanation.owner if found.explanation else ""
    return "" if owner == Owner.WAIT and not conclusion.is_open else wording.OWNERS.get(owner, "")


def _rerun(conclusion: Conclusion, found: Advice) -> Word | None:
    """What became of the document goes first: an invoice that is registered is not issued again."""
    if conclusion.outcome == Outcome.COMPLETED_FAULTS and conclusion.document in SETTLED:
        return wording.RERUNS["settled"]
    if conclusion.document == Document.SUBMITTED_UNKNOWN:
        return wording.RERUNS["danger"]
    if conclusion.outcome == Outcome.RETRYING and found.rerun in {Rerun.HELPS, Rerun.USELESS}:
        return wording.RERUNS["by-itself"]
    return wording.RERUNS.get(found.rerun) if found.rerun else None


def _waited_for(wait: Waiting | None) -> str:
    """A proper name belongs to an authority or a network; the others are who they are."""
    return wait.name if wait and wait.party in {Party.AUTHORITY, Party.NETWORK} else ""


def _authority(job: Job) -> str:
    sent = (intent.provider for intent in reversed(job.intents) if actions.category(intent.provider) == Category.SUBMIT)
    return next((name for name in map(actions.name, sent) if name), "")


def _name(job: Job, place: int | None, scissors: Scissors) -> Text:
    if place is None:
        return Text("")
    intent = job.intents[place]
    return scissors.name(intent.name or intent.provider or intent.step_id)


def _skipped_why(job: Job, conclusion: Conclusion, scissors: Scissors) -> Text | None:
    said = (job.intents[place].events[-1].message for place in conclusion.skipped if job.intents[place].events)
    found = next(filter(None, said), "")
    return scissors.text(found, 300) if found else None


def _window(conclusion: Conclusion) -> tuple[Stamp, Stamp] | None:
    window = conclusion.waiting.next_try if conclusion.waiting else None
    first, last = (stamp(window[0]), stamp(window[1])) if window else (None, None)
    return (first, last) if first and last else None


def _duration(job: Job) -> str:
    started = job.created_at.at if job.created_at else None
    ended = job.completed_at.at if job.completed_at else None
    return wording.duration(ended - started) if started and ended else ""
