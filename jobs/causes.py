"""What went wrong, for a person: each fault with its explanation, its step, and the places in the document it names."""

from collections.abc import Sequence
from dataclasses import dataclass

from jobs import explanations
from jobs.advice import Explain
from jobs.clipping import Scissors, Text
from jobs.explanations import Explanation, Problem
from jobs.invopop import gobl
from jobs.invopop.payload import Fault, Job
from jobs.outcome import Conclusion
from jobs.room import CAUSES, CONSEQUENCES
from jobs.steps import NamedText, Step, named

PATHS_SHOWN = 8
PROBLEMS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Place:
    """A path of a fault; `pointer` is where it leads in the envelope: to the nearest place above where the path names
    something that is absent, as faults do, and None where nothing of it is there."""

    text: Text
    pointer: str | None
    is_absent: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One thing a validation found wrong."""

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
    consequences: tuple[Cause, ...] = ()  # what followed from the first
    count: int = 0
    left_out: int = 0

    @property
    def root(self) -> Cause | None:
        return self.shown[0] if self.shown else None


def causes(job: Job, conclusion: Conclusion, steps: Sequence[Step], explain: Explain, scissors: Scissors) -> Causes:
    """The root fault first. A job of the years before faults gets one made of its failed step's last event."""
    if not job.faults:
        return _from_step(job, conclusion, steps, explain, scissors)
    order = sorted(range(len(job.faults)), key=lambda place: (place != conclusion.root_fault, place))
    own = [place for place in order if place not in conclusion.consequences]
    followed = [place for place in order if place in conclusion.consequences]
    made = {
        place: _cause(job, place, conclusion, steps, explain, scissors)
        for place in [*own[:CAUSES], *followed[:CONSEQUENCES]]
    }
    return Causes(
        shown=tuple(made[place] for place in own[:CAUSES]),
        consequences=tuple(made[place] for place in followed[:CONSEQUENCES]),
        count=len(job.faults),
        left_out=len(job.faults) - len(made),
    )


def _cause(
    job: Job, place: int, conclusion: Conclusion, steps: Sequence[Step], explain: Explain, scissors: Scissors
) -> Cause:
    fault, at = job.faults[place], conclusion.fault_steps[place]
    return _made(job, fault, place + 1, "KO", at, steps, explain, scissors)


def _from_step(job: Job, conclusion: Conclusion, steps: Sequence[Step], explain: Explain, scissors: Scissors) -> Causes:
    failed = conclusion.failed_step
    if failed is None or not job.intents[failed].events:
        return Causes()
    intent = job.intents[failed]
    last = intent.events[-1]
    fault = Fault(provider=intent.provider, code=last.code, message=last.message)
    return Causes(shown=(_made(job, fault, 0, last.status, failed, steps, explain, scissors),))


def _made(
    job: Job,
    fault: Fault,
    number: int,
    status: str,
    at: int | None,
    steps: Sequence[Step],
    explain: Explain,
    scissors: Scissors,
) -> Cause:
    explanation = explain(fault.provider, fault.code, fault.message, status)
    problems = explanations.problems(fault)
    shown = tuple(_row(job, problem, scissors) for problem in problems[:PROBLEMS_SHOWN])
    intent = job.intents[at] if at is not None else None
    return Cause(
        number=number,
        provider=scissors.name(fault.provider),
        code=scissors.name(fault.code),
        message=scissors.text(fault.message),
        explanation=explanation,
        step=next((step for step in steps if step.position == at), None),
        step_name=scissors.name(intent.name or intent.provider or intent.step_id) if intent else None,
        rows=shown,
        rows_left_out=len(problems) - len(shown),
        places=tuple(_place(job, path, scissors) for path in fault.paths[:PATHS_SHOWN]),
        places_left_out=max(0, len(fault.paths) - PATHS_SHOWN),
        fields=scissors.text(fault.fields) if fault.fields and not shown else None,
        other=named(fault.other, scissors),
    )


def _row(job: Job, problem: Problem, scissors: Scissors) -> Row:
    place = _place(job, problem.path, scissors) if problem.path else None
    return Row(place, problem.code[:60], scissors.text(problem.text, 500))


def _place(job: Job, path: str, scissors: Scissors) -> Place:
    pointer, is_absent = gobl.nearest(job.envelope, path[:500])
    return Place(scissors.name(path), pointer, is_absent)
