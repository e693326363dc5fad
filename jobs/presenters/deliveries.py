"""A line of the page for each destination: its name, state, and a link to the evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jobs.diagnosis.advice import is_undecided
from jobs.diagnosis.document_outcome import Role
from jobs.diagnosis.outcome import Basis, Conclusion, Delivery, Document, Outcome
from jobs.invopop.job_payload import Job
from jobs.presenters import labels, state_colours
from jobs.presenters.labels import Label
from jobs.presenters.state_colours import Word
from jobs.presenters.steps import Step
from jobs.presenters.text_budget import Text, TextBudget

SHOWN = 6
NETWORKS = {"Peppol", "NemHandel", "Finvoice"}  # they deliver between access points, any of which may refuse


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    to: str  # the value in JSON
    name: Label
    in_sentence: Label  # the name with an article, if the language needs one
    state: str
    word: Word
    basis: str
    anchor: str  # of the evidence in the page; "" if it is not shown
    code: Text
    stamp: str
    note: str
    tries: int
    failures: int
    successes: int
    cancelled_by: Text  # the name of the step that cancelled it later, or ""
    cancelled_anchor: str
    is_main: bool
    step_name: Text
    is_mail: bool
    is_authority: bool
    is_network: bool  # which decides nothing itself
    is_kept: bool = False  # in a register or an archive, where nothing is sent
    is_inferred: bool = False  # from a wait alone, which does not say what the step waits for
    is_undecided: bool = False  # the state is uncertain, and an attempt runs or follows
    is_unsent: bool = False  # and will not be sent by this job
    was_tried_before: bool = False  # by an earlier attempt or step of this job

    @property
    def is_evident(self) -> bool:
        """Whether there is evidence to show."""
        return self.basis != Basis.NONE or bool(self.anchor)


def delivery_lines(
    job: Job, conclusion: Conclusion, steps: Sequence[Step], text_budget: TextBudget
) -> tuple[DeliveryLine, ...]:
    """The lines that fit the page, the main destination first."""
    anchors = {step.position: step for step in steps}
    shown = conclusion.deliveries[:SHOWN]
    return tuple(_line(job, each, conclusion, anchors, text_budget, at) for at, each in enumerate(shown))


def step_name(job: Job, delivery: Delivery) -> str:
    return _name_of(job, delivery.step)


def _name_of(job: Job, place: int | None) -> str:
    if place is None:
        return ""
    intent = job.intents[place]
    return intent.name or intent.provider or intent.step_id


def _line(
    job: Job, delivery: Delivery, conclusion: Conclusion, steps: Mapping[int, Step], text_budget: TextBudget, at: int
) -> DeliveryLine:
    cancelling = steps.get(delivery.cancelled_by) if delivery.cancelled_by is not None else None
    return DeliveryLine(
        to=delivery.to,
        name=labels.destination(delivery.to),
        in_sentence=labels.destination_in_sentence(delivery.to),
        state=str(delivery.state),
        word=state_colours.CANCELLED_THERE
        if delivery.is_cancelled
        else state_colours.document(str(delivery.state), is_open=conclusion.is_open),
        basis=str(delivery.basis),
        anchor="document" if delivery.stamp else _anchor(delivery, steps),
        code=text_budget.name(delivery.code),
        stamp=delivery.stamp,
        note=delivery.note,
        tries=delivery.tries,
        failures=delivery.failures,
        successes=delivery.successes,
        cancelled_by=text_budget.name(_name_of(job, delivery.cancelled_by)),
        cancelled_anchor=cancelling.anchor if cancelling else "",
        is_main=at == 0,
        step_name=text_budget.name(step_name(job, delivery)),
        is_mail=delivery.to == "email",
        is_authority=delivery.role == Role.CLEARS,
        is_network=delivery.to in NETWORKS,
        is_kept=delivery.role in {Role.REGISTER, Role.ARCHIVE},
        is_inferred=_is_inferred(job, delivery),
        is_undecided=_is_undecided(job, delivery, conclusion),
        is_unsent=delivery.state == Document.NOT_SENT or (delivery.state == Document.NONE and not conclusion.is_open),
        was_tried_before=delivery.tries > 1 or _has_tried(job, delivery),
    )


def _is_undecided(job: Job, delivery: Delivery, conclusion: Conclusion) -> bool:
    if delivery.step is None or delivery.step != conclusion.current:
        return False
    is_going = conclusion.outcome == Outcome.RETRYING or is_undecided(conclusion, job)
    return delivery.state == Document.SUBMITTED_UNKNOWN and is_going


def _is_inferred(job: Job, delivery: Delivery) -> bool:
    if delivery.state != Document.SUBMITTED or delivery.basis != Basis.STEP or delivery.step is None:
        return False
    events = job.intents[delivery.step].events
    shown = events[delivery.event] if delivery.event is not None else None
    return shown is not None and shown.word == "QUEUED" and not shown.code.strip() and not shown.message.strip()


def _has_tried(job: Job, delivery: Delivery) -> bool:
    """Whether an attempt before the step's last one may have sent it."""
    events = job.intents[delivery.step].events if delivery.step is not None else ()
    return any(event.word in {"ERR", "QUEUED"} for event in events[:-1])


def _anchor(delivery: Delivery, steps: Mapping[int, Step]) -> str:
    """The anchor of the event if it is shown, otherwise of its step."""
    step = steps.get(delivery.step) if delivery.step is not None else None
    if step is None:
        return ""
    if delivery.event is not None:
        rows = [row for lines in step.log for row in lines.rows]
        if len(rows) == step.events and delivery.event < len(rows):
            return rows[delivery.event].anchor
    return step.anchor
