"""The expected conclusions of every story at every stated time: the simulator's own, and the collection's."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from jobs import simulator
from jobs.diagnosis.advice import Move, advice, is_held_elsewhere
from jobs.diagnosis.document_states import Document
from jobs.diagnosis.explanations import explain
from jobs.diagnosis.outcome import Conclusion, Outcome, Workflow, conclude
from jobs.invopop import workflow_payload
from jobs.invopop.job_payload import Job, parse
from jobs.simulator import Expect, Scenario, workflows
from tests import shared_scenarios

# What only the workflow's definition tells: whether it sends at all, and which steps are its error branch.
BY_WORKFLOW = {"document", "handling"}


def _stories() -> Iterator[Any]:
    for scenario in simulator.scenarios():
        for offset, expected in [(scenario.look, scenario.expect), *scenario.expect_at]:
            if expected is not None:
                yield pytest.param(scenario, offset, expected, id=f"{scenario.key}@{offset:g}")


STORIES = list(_stories())


@pytest.mark.parametrize(("scenario", "offset", "expected"), STORIES)
def test_a_simulator_story_gives_its_expected_outcome(scenario: Scenario, offset: float, expected: Expect) -> None:
    summary = words(scenario, offset, workflow_of(scenario))
    wanted = wants(expected)
    assert {name: summary[name] for name in wanted} == wanted


@pytest.mark.parametrize(("scenario", "offset", "expected"), STORIES)
def test_a_story_without_its_workflow_gives_its_expected_outcome(
    scenario: Scenario, offset: float, expected: Expect
) -> None:
    summary = words(scenario, offset, None)
    wanted = {name: value for name, value in wants(expected).items() if name not in BY_WORKFLOW}
    assert {name: summary[name] for name in wanted} == wanted


def test_most_document_states_need_no_workflow() -> None:
    looks = [(param.values[0], param.values[1], param.values[2]) for param in STORIES]
    right = [
        words(scenario, at, None)["document"] == conclusion.document
        for scenario, at, conclusion in looks
        if conclusion.document
    ]
    assert sum(right) >= 0.9 * len(right)


@pytest.mark.parametrize(("scenario", "offset", "expected"), STORIES)
def test_the_next_step_matches_the_story(scenario: Scenario, offset: float, expected: Expect) -> None:
    job = parse(json.dumps(simulator.body_at(scenario, offset)).encode())
    conclusion = conclude(job, scenario.created + timedelta(seconds=offset), workflow_of(scenario))
    found = advice(conclusion, job)
    if conclusion.outcome == Outcome.COMPLETED_FAULTS:
        assert found.move not in {Move.NOTHING, Move.WATCH, Move.WAIT}
        assert found.owner is not None
    if conclusion.outcome == Outcome.COMPLETED and not found.explanation:
        moves = {Document.NOT_SENT: Move.CORRECT, Document.ACCEPTED_ERRORS: Move.REMIND}
        is_sent_elsewhere = conclusion.document == Document.NOT_SENT and is_held_elsewhere(conclusion)
        assert found.move == (Move.ASK_FIRST if is_sent_elsewhere else moves.get(conclusion.document, Move.NOTHING))


def workflow_of(scenario: Scenario) -> Workflow | None:
    if scenario.workflow is None:
        return None
    found = workflow_payload.parse(json.dumps(workflows.long_form(scenario.workflow)).encode())
    steps = tuple((step.id, step.name, step.action) for step in found.steps)
    return Workflow(found.id, found.name, found.version, steps, frozenset(step.id for step in found.rescue))


def words(scenario: Scenario, offset: float, workflow: Workflow | None) -> dict[str, object]:
    job = parse(json.dumps(simulator.body_at(scenario, offset)).encode())
    conclusion = conclude(job, scenario.created + timedelta(seconds=offset), workflow)
    wait = conclusion.waiting
    return _conclusion(conclusion) | {
        "waiting": wait.party if wait else None,
        "waiting_name": wait.name if wait else None,
        "attempt": wait.attempt if wait else None,
    }


def _conclusion(conclusion: Conclusion) -> dict[str, object]:
    return {
        "outcome": conclusion.outcome,
        "document": conclusion.document,
        "deliveries": {each.to: each.state for each in conclusion.deliveries},
        "failed_step": conclusion.failed_step,
        "root_fault": conclusion.root_fault,
        "consequences": tuple(sorted(conclusion.consequences)),
        "skipped": conclusion.skipped,
        "recovered": conclusion.recovered,
        "handling": tuple(sorted(conclusion.handling)),
        "open": conclusion.is_open,
        "overdue": conclusion.overdue,
    }


NAMES = (
    "outcome", "document", "deliveries", "failed_step", "root_fault", "consequences", "skipped", "recovered",
    "handling", "open", "overdue", "waiting", "waiting_name", "attempt",
)  # fmt: skip


def wants(expected: Expect) -> dict[str, object]:
    """The expectations of the story; anything is accepted for what it leaves out."""
    silent = {"document", "deliveries", "waiting", "waiting_name", "attempt", "overdue"}
    summary = {name: getattr(expected, name) for name in NAMES}
    return {name: value for name, value in summary.items() if value is not None or name not in silent}


LOOKS = [
    pytest.param(scenario, at, expected, id=f"{scenario['key']}@{at:g}")
    for scenario in shared_scenarios.scenarios()
    for at, expected in shared_scenarios.looks(scenario)
]


@pytest.mark.skipif(not LOOKS, reason="the collection of scenarios is not beside the project")
@pytest.mark.parametrize(("scenario", "at", "expected"), LOOKS)
def test_a_shared_scenario_gives_its_expected_outcome(
    scenario: dict[str, Any], at: float, expected: dict[str, Any]
) -> None:
    now = shared_scenarios.created(scenario) + timedelta(seconds=at)
    job = parse(shared_scenarios.body(scenario, at))
    summary = _summary(job, conclude(job, now), now)
    wanted = {name: value for name, value in expected.items() if name in summary and name not in SENTENCES}
    assert {name: summary[name] for name in wanted} == wanted
    if "next_try_in_s" in expected:
        least, most = map(float, expected["next_try_in_s"].split(".."))
        assert least <= summary["next_try_in_s"] <= most
    if "waiting_since" in expected:
        since = timedelta(seconds=shared_scenarios.seconds(expected["waiting_since"]))
        assert summary["waiting_since"] == shared_scenarios.created(scenario) + since


SENTENCES = {"next_try_in_s", "waiting_since"}


def _summary(job: Job, conclusion: Conclusion, now: datetime) -> dict[str, Any]:
    """In the words of the collection."""
    failed = job.intents[conclusion.failed_step] if conclusion.failed_step is not None else None
    root = job.faults[conclusion.root_fault] if conclusion.root_fault is not None else None
    explanation = explain(root.provider, root.code, root.message) if root else None
    window = conclusion.waiting.next_try if conclusion.waiting else None
    return {
        "outcome": conclusion.outcome,
        "document": conclusion.document,
        "open": conclusion.is_open,
        "faults": len(job.faults),
        "intents": len(job.intents),
        "failed_step": failed.step_id if failed else None,
        "running_step": job.intents[conclusion.current].step_id if conclusion.current is not None else None,
        "rescue_ran": bool(conclusion.handling),
        "skipped": len(conclusion.skipped),
        "errors_recovered": conclusion.recovered,
        "root_fault": conclusion.root_fault,
        "secondary_fault": next(iter(conclusion.consequences), None),
        "explain": explanation.id if explanation else None,
        "attempt": conclusion.waiting.attempt if conclusion.waiting else None,
        "next_try_in_s": (window[0] - now).total_seconds() if window else None,
        "waiting_since": conclusion.waiting.since if conclusion.waiting else None,
    }
