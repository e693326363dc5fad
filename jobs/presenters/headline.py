"""The facts at the top of the page: the state of job and document, the reason, and who must act.

The sentences are in the template `jobs/job/_headline.html`.
"""

from dataclasses import dataclass, replace

from jobs import formatting
from jobs.diagnosis.advice import Advice, Again, Explain, Move, advice, is_left_to_retry, is_made_good
from jobs.diagnosis.document_states import Cancellation
from jobs.diagnosis.explanations import Explanation, Owner
from jobs.diagnosis.outcome import FAILED_WORDS, Conclusion, Document, Outcome, last_word
from jobs.diagnosis.waiting import Party, Waiting, waiting
from jobs.invopop.job_payload import Job
from jobs.presenters import labels, state_colours, whose_move
from jobs.presenters.deliveries import DeliveryLine, delivery_lines
from jobs.presenters.faults import Causes
from jobs.presenters.labels import Label
from jobs.presenters.message_language import spoken
from jobs.presenters.state_colours import Word
from jobs.presenters.steps import Step, Steps
from jobs.presenters.text_budget import Text, TextBudget
from jobs.presenters.timestamps import Timestamp, timestamp

NAMED = {Party.AUTHORITY, Party.NETWORK, Party.SUPPLIER_OR_AUTHORITY}  # the page names whom the job waits for


@dataclass(frozen=True, slots=True)
class Headline:
    outcome: str
    word: Word
    document: str
    document_word: Word
    authority: Label  # the main destination, or ""
    deliveries: tuple[DeliveryLine, ...]  # the main one first
    deliveries_left_out: int
    is_open: bool
    faults: int
    steps: int
    step: Step | None  # jobs.diagnosis.outcome.Conclusion.place
    step_name: Text
    reason: Text | None  # from the step's own message
    explanation: Explanation | None
    move: str  # jobs.diagnosis.advice.Move
    owner: Label
    rerun: Word | None
    skipped: int
    skipped_why: Text | None
    recovered: int
    has_unfinished_step: bool  # one of an ended job that neither succeeded nor failed
    party: str  # jobs.diagnosis.waiting.Party, or ""
    authority_waited_for: Label  # its proper name, or ""
    attempt: int | None
    next_try: tuple[Timestamp, Timestamp] | None  # None if it is running
    usual: str
    overdue: bool
    status: Text  # the API's status, for an unknown outcome
    started: Timestamp | None
    ended: Timestamp | None
    since: Timestamp | None  # the start of the current wait
    duration: str
    branch: Step | None = None  # the current step of a failing job's error branch
    branch_reason: Text | None = None
    is_left_to_retry: bool = False  # only the next attempt is pending
    is_made_good: bool = False  # the document is where the failed step was to bring it
    is_unexplained: bool = False  # the API reports a failure without a failed step or fault
    is_retry_late: bool = False
    cancellation: str = ""  # jobs.diagnosis.document_states.Cancellation of the document, or ""
    is_left_to_others: bool = False  # only a job that this one started can have sent the document
    may_be_handled: bool = False  # a step of an open job has failed, and a condition may yet handle that
    is_retry_overdue: bool = False  # for so long that retries should have ended
    running_attempt: int | None = None  # the number of the attempt that is running, for a retry
    job_id: str = ""
    intent_id: str = ""

    @property
    def needs_no_remedy(self) -> bool:
        """Whether the root fault is past: the document arrived all the same, or nobody needs to act."""
        return self.is_made_good or (self.outcome == "completed_handled" and self.move == Move.NOTHING)

    @property
    def main(self) -> DeliveryLine | None:
        return self.deliveries[0] if self.deliveries else None

    @property
    def only(self) -> DeliveryLine | None:
        """The single destination, if the document's state fully describes it apart from the evidence."""
        line = self._described
        return line if line and line.is_evident else None

    @property
    def deliveries_repeat_document(self) -> bool:
        """Whether the list of destinations would only repeat the document's state."""
        line = self._described
        return line is not None and not line.is_evident and not line.cancelled_by

    @property
    def _described(self) -> DeliveryLine | None:
        line = self.main if len(self.deliveries) == 1 and not self.deliveries_left_out else None
        return line if line and line == self.named else None

    @property
    def named(self) -> DeliveryLine | None:
        """The destination named by the document's state."""
        return next((line for line in self.deliveries if line.state == self.document), None)


def headline(
    job: Job, conclusion: Conclusion, causes: Causes, steps: Steps, explain: Explain, text_budget: TextBudget
) -> Headline:
    running = _running_attempt(job, conclusion)
    if running:
        job, conclusion = _before_it(job, conclusion)
    place = conclusion.place
    found = advice(conclusion, job, explain)
    wait = conclusion.waiting
    last = job.intents[place].events[-1] if place is not None and job.intents[place].events else None
    lines = delivery_lines(job, conclusion, steps.shown, text_budget)
    branch = _branch(job, conclusion)
    return Headline(
        outcome=str(conclusion.outcome),
        word=_outcome_word(conclusion),
        document=str(conclusion.document),
        document_word=_document_word(conclusion),
        authority=lines[0].name if lines else "",
        deliveries=lines,
        deliveries_left_out=len(conclusion.deliveries) - len(lines),
        is_open=conclusion.is_open,
        faults=len(job.faults) or (1 if causes.root else 0),
        steps=len(job.intents),
        step=next((step for step in steps.shown if step.position == place), None),
        step_name=_name(job, place, text_budget),
        reason=_reason(job, conclusion, text_budget),
        explanation=found.explanation,
        move=str(found.move),
        owner=_owner(conclusion, found),
        rerun=_rerun(conclusion, found),
        skipped=len(conclusion.skipped),
        skipped_why=_skipped_why(job, conclusion, text_budget),
        recovered=conclusion.recovered,
        has_unfinished_step=any(last_word(intent) not in {*FAILED_WORDS, "OK", "SKIP"} for intent in job.intents),
        party=str(wait.party) if wait else "",
        authority_waited_for=_waited_for(wait),
        attempt=wait.attempt if wait else None,
        next_try=_window(conclusion) if running is None else None,
        usual=formatting.about(wait.usual[1]) if wait and wait.usual else "",
        overdue=conclusion.overdue,
        status=text_budget.name(last.status if last else job.status),
        started=timestamp(job.created_at),
        ended=timestamp(job.completed_at),
        since=timestamp(wait.since) if wait else None,
        duration=_duration(job),
        branch=next((step for step in steps.shown if step.position == branch), None),
        branch_reason=_branch_reason(job, branch, text_budget),
        is_left_to_retry=is_left_to_retry(conclusion, found.explanation) and found.move == Move.WAIT,
        is_made_good=conclusion.outcome == Outcome.COMPLETED_FAULTS and is_made_good(conclusion, job),
        is_unexplained=conclusion.outcome == Outcome.COMPLETED_FAULTS and place is None and not job.faults,
        is_retry_late=conclusion.is_retry_late,
        cancellation=str(conclusion.cancellation or ""),
        is_left_to_others=conclusion.is_left_to_others,
        may_be_handled=conclusion.may_be_handled,
        is_retry_overdue=conclusion.is_retry_overdue,
        running_attempt=running,
        job_id=formatting.visible(job.id)[:100],
        intent_id=formatting.visible(job.intents[place].id)[:100] if place is not None else "",
    )


def _running_attempt(job: Job, conclusion: Conclusion) -> int | None:
    """The number of the running attempt, if the previous one failed."""
    if conclusion.outcome != Outcome.RUNNING or conclusion.current is None or conclusion.overdue:
        return None
    last_words = [event.word for event in job.intents[conclusion.current].events[-2:]]
    return conclusion.waiting.attempt if last_words == ["ERR", "RUN"] and conclusion.waiting else None


def _before_it(job: Job, conclusion: Conclusion) -> tuple[Job, Conclusion]:
    """The job as of its last error, without the running attempt."""
    place = conclusion.current or 0
    before = replace(job.intents[place], events=job.intents[place].events[:-1])
    intents = (*job.intents[:place], before, *job.intents[place + 1 :])
    retrying = replace(conclusion, outcome=Outcome.RETRYING, waiting=waiting(before))
    return replace(job, intents=intents), retrying


def _branch(job: Job, conclusion: Conclusion) -> int | None:
    """The step at which a failing job's error branch is retrying."""
    current = conclusion.current
    failed = {conclusion.failed_step, conclusion.deciding_step}
    if conclusion.outcome != Outcome.FAILING or current is None or current in failed:
        return None
    events = job.intents[current].events
    return current if any(event.word == "ERR" for event in events[-2:]) else None


def _branch_reason(job: Job, branch: int | None, text_budget: TextBudget) -> Text | None:
    if branch is None:
        return None
    found_text = (event for event in reversed(job.intents[branch].events) if event.word == "ERR")
    last = next(found_text, None)
    text = _sentence(last.code, last.message) if last else ""
    return text_budget.text(text, 200) if text else None


def _sentence(code: str, message: str) -> str:
    """The code only if the message does not contain it: "504 unexpected response: 504" repeats it."""
    return " ".join(filter(None, ("" if code[:100] in message[:4_000] else code, message)))


def _owner(conclusion: Conclusion, found: Advice) -> Label:
    """Who must act, from the explanation; "" if it says to wait but the job has ended."""
    owner = found.explanation.owner if found.explanation else ""
    return "" if owner == Owner.WAIT and not conclusion.is_open else whose_move.OWNERS.get(owner, "")


def _rerun(conclusion: Conclusion, found: Advice) -> Word | None:
    """The advice on rerunning, in words that are true of the document: a registration issues none, a recorded one is
    with nobody else, and a submitted one may not have arrived.
    """
    if found.rerun == Again.DANGER and conclusion.cancellation in {Cancellation.PENDING, Cancellation.UNCERTAIN}:
        return whose_move.RERUNS["cancellation"]
    if found.rerun == Again.DANGER and conclusion.document == Document.NOT_APPLICABLE:
        return whose_move.RERUNS[str(conclusion.document)]
    if found.rerun == Again.NEVER and conclusion.document in {Document.RECORDED, Document.SUBMITTED}:
        return whose_move.RERUNS[str(conclusion.document)]
    return whose_move.RERUNS[found.rerun] if found.rerun else None


def _outcome_word(conclusion: Conclusion) -> Word:
    if conclusion.may_be_handled:
        return state_colours.FAILED_STEP
    is_stuck = conclusion.outcome == Outcome.FAILING and conclusion.overdue
    return state_colours.FAILED_AND_OPEN if is_stuck else state_colours.outcome(str(conclusion.outcome))


def _document_word(conclusion: Conclusion) -> Word:
    if conclusion.is_left_to_others:
        return state_colours.LEFT_TO_OTHERS
    if conclusion.cancellation and conclusion.document in {Document.NOT_APPLICABLE, Document.UNKNOWN}:
        return state_colours.CANCELLATIONS[conclusion.cancellation]
    if conclusion.document == Document.NOT_APPLICABLE:
        return state_colours.NOTHING_TO_SEND
    if conclusion.is_document_cancelled:
        return state_colours.CANCELLED_THERE
    return state_colours.document(str(conclusion.document), is_open=conclusion.is_open)


def _waited_for(wait: Waiting | None) -> Label:
    """The authority or network the job waits for, as named in a sentence; "" for other parties."""
    is_named = wait is not None and wait.party in NAMED
    return labels.destination_in_sentence(wait.name) if wait and is_named else ""


def _name(job: Job, place: int | None, text_budget: TextBudget) -> Text:
    if place is None:
        return Text("")
    intent = job.intents[place]
    return text_budget.name(intent.name or intent.provider or intent.step_id)


def _reason(job: Job, conclusion: Conclusion, text_budget: TextBudget) -> Text | None:
    """What the step says last; what its fault says, if the step has no words or none of the failure."""
    place, root = conclusion.place, conclusion.root_fault
    if place is None:
        return None
    intent = job.intents[place]
    said = [(each.message, each.code) for each in intent.events[-1:]]
    if place not in {conclusion.deciding_step, conclusion.current}:
        said = []  # its events tell no failure
    if root is not None and conclusion.fault_steps[root] == place:
        said.append((job.faults[root].message, job.faults[root].code))
    found_text = next(filter(None, (text for texts in said for text in texts)), "")
    return spoken(text_budget.text(found_text, 300), intent.provider) if found_text else None


def _skipped_why(job: Job, conclusion: Conclusion, text_budget: TextBudget) -> Text | None:
    found_text = (job.intents[place].events[-1].message for place in conclusion.skipped if job.intents[place].events)
    found = next(filter(None, found_text), "")
    return text_budget.text(found, 300) if found else None


def _window(conclusion: Conclusion) -> tuple[Timestamp, Timestamp] | None:
    window = conclusion.waiting.next_try if conclusion.waiting else None
    first, last = (timestamp(window[0]), timestamp(window[1])) if window else (None, None)
    return (first, last) if first and last else None


def _duration(job: Job) -> str:
    started = job.created_at.at if job.created_at else None
    ended = job.completed_at.at if job.completed_at else None
    return formatting.duration(ended - started) if started and ended else ""
