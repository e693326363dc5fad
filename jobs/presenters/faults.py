"""A job's faults, each with its explanation, its step, and its places in the document."""

from collections.abc import Sequence
from dataclasses import dataclass

from jobs import cpu_budget
from jobs.diagnosis import explanations
from jobs.diagnosis.advice import Explain
from jobs.diagnosis.explanations import Explanation, Problem
from jobs.diagnosis.outcome import Conclusion
from jobs.gobl import envelope
from jobs.invopop.job_payload import Fault, Job
from jobs.presenters.message_language import spoken
from jobs.presenters.page_budget import CAUSES, CONSEQUENCES
from jobs.presenters.steps import NamedText, Step, named
from jobs.presenters.text_budget import Text, TextBudget

PATHS_SHOWN = 8
PROBLEMS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Place:
    """A path of a fault. `pointer` is its place in the envelope, or the nearest existing parent; None without one.

    Faults often name a field that is missing.
    """

    text: Text
    pointer: str | None
    is_absent: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One validation error."""

    place: Place | None
    code: str
    text: Text


@dataclass(frozen=True, slots=True)
class Cause:
    number: int  # from 1, in the API's order
    provider: Text
    code: Text
    message: Text
    explanation: Explanation | None
    step: Step | None
    step_name: Text | None
    rows: tuple[Row, ...] = ()
    rows_left_out: int = 0
    places: tuple[Place, ...] = ()
    places_left_out: int = 0
    fields: Text | None = None
    other: tuple[NamedText, ...] = ()


@dataclass(frozen=True, slots=True)
class Causes:
    shown: tuple[Cause, ...] = ()
    consequences: tuple[Cause, ...] = ()  # caused by the root fault
    count: int = 0
    left_out: int = 0

    @property
    def root(self) -> Cause | None:
        return self.shown[0] if self.shown else None


def causes(
    job: Job, conclusion: Conclusion, steps: Sequence[Step], explain: Explain, text_budget: TextBudget
) -> Causes:
    """The root fault first. A job from before the API had faults gets one made from its failed step's last event."""
    if not job.faults:
        return _from_step(job, conclusion, steps, explain, text_budget)
    order = sorted(range(len(job.faults)), key=lambda place: (place != conclusion.root_fault, place))
    own = [place for place in order if place not in conclusion.consequences]
    followed = [place for place in order if place in conclusion.consequences]
    made = {
        place: _cause(job, place, conclusion, steps, explain, text_budget)
        for place in [*own[:CAUSES], *followed[:CONSEQUENCES]]
    }
    return Causes(
        shown=tuple(made[place] for place in own[:CAUSES]),
        consequences=tuple(made[place] for place in followed[:CONSEQUENCES]),
        count=len(job.faults),
        left_out=len(job.faults) - len(made),
    )


def _cause(
    job: Job, place: int, conclusion: Conclusion, steps: Sequence[Step], explain: Explain, text_budget: TextBudget
) -> Cause:
    fault, at = job.faults[place], conclusion.fault_steps[place]
    return _made(job, fault, place + 1, "KO", at, steps, explain, text_budget)


def _from_step(
    job: Job, conclusion: Conclusion, steps: Sequence[Step], explain: Explain, text_budget: TextBudget
) -> Causes:
    failed = conclusion.deciding_step
    if failed is None or not job.intents[failed].events:
        return Causes()
    intent = job.intents[failed]
    last = intent.events[-1]
    fault = Fault(provider=intent.provider, code=last.code, message=last.message)
    return Causes(shown=(_made(job, fault, 0, last.status, failed, steps, explain, text_budget),))


def _made(
    job: Job,
    fault: Fault,
    number: int,
    status: str,
    at: int | None,
    steps: Sequence[Step],
    explain: Explain,
    text_budget: TextBudget,
) -> Cause:
    explanation = explain(fault.provider, fault.code, fault.message, status)
    problems = explanations.problems(fault)
    shown = tuple(_row(job, problem, text_budget) for problem in problems[:PROBLEMS_SHOWN])
    intent = job.intents[at] if at is not None else None
    return Cause(
        number=number,
        provider=text_budget.name(fault.provider),
        code=text_budget.name(fault.code),
        message=spoken(text_budget.text(fault.message), fault.provider),
        explanation=explanation,
        step=next((step for step in steps if step.position == at), None),
        step_name=text_budget.name(intent.name or intent.provider or intent.step_id) if intent else None,
        rows=shown,
        rows_left_out=len(problems) - len(shown),
        places=tuple(_place(job, path, text_budget) for path in fault.paths[:PATHS_SHOWN]),
        places_left_out=max(0, len(fault.paths) - PATHS_SHOWN),
        fields=text_budget.text(fault.fields) if fault.fields and not shown else None,
        other=named(fault.other, text_budget),
    )


def _row(job: Job, problem: Problem, text_budget: TextBudget) -> Row:
    place = _place(job, problem.path, text_budget) if problem.path else None
    return Row(place, problem.code[:60], text_budget.text(problem.text, 500))


def _place(job: Job, path: str, text_budget: TextBudget) -> Place:
    try:
        pointer, is_absent = envelope.nearest(job.envelope, path[:500])
    except cpu_budget.Exhausted:
        pointer, is_absent = None, False
    return Place(text_budget.name(path), pointer, is_absent)
