"""The short form of steps is expanded into timed intents and events, and failures leave a fault."""

from itertools import pairwise

import pytest

from jobs.simulator.steps import faults_of, intents_of
from jobs.simulator.workflows import workflows

FLOW = next(flow for flow in workflows() if len(flow.steps) > 2)
FIRST, SECOND = FLOW.steps[0].ref, FLOW.steps[1].ref


def test_a_named_step_runs_and_succeeds() -> None:
    (intent,) = intents_of([FIRST], FLOW, "x")
    assert [event.status for event in intent.events] == ["RUN", "OK"]


def test_each_step_starts_where_the_previous_ended() -> None:
    intents = intents_of([FIRST, {"step": SECOND, "takes": "1m"}, FIRST], FLOW, "x")
    for one, other in pairwise(intents):
        assert other.events[0].at >= one.events[-1].at
    assert intents[1].events[-1].at - intents[1].events[0].at == pytest.approx(60, abs=1)


@pytest.mark.parametrize(("ends", "faults"), [("OK", 0), ("SKIP", 0), ("KO", 1), ("TIMEOUT", 1)])
def test_a_failure_leaves_a_fault_with_code_and_message(ends: str, faults: int) -> None:
    steps = [{"step": FIRST, "ends": ends, "code": "4104", "message": "no such NIF"}]
    found = faults_of(steps, intents_of(steps, FLOW, "x"))
    assert len(found) == faults
    assert all((each.code, each.message) == ("4104", "no such NIF") for each in found)


def test_a_failure_can_leave_no_fault() -> None:
    steps = [{"step": FIRST, "ends": "KO", "fault": None}]
    assert faults_of(steps, intents_of(steps, FLOW, "x")) == ()


def test_no_two_stories_have_the_same_times() -> None:
    one, other = (intents_of([FIRST, SECOND], FLOW, seed) for seed in ("one", "other"))
    assert [event.at for intent in one for event in intent.events] != [
        event.at for intent in other for event in intent.events
    ]
    assert one == intents_of([FIRST, SECOND], FLOW, "one")
