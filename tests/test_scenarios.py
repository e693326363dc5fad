"""Every story's expected conclusions, at every moment it names."""

from datetime import timedelta
from typing import Any

import pytest

from jobs.invopop.payload import parse
from jobs.outcome import conclude
from tests import shared_scenarios

LOOKS = [
    pytest.param(scenario, at, expected, id=f"{scenario['key']}@{at:g}")
    for scenario in shared_scenarios.scenarios()
    for at, expected in shared_scenarios.looks(scenario)
]


@pytest.mark.skipif(not LOOKS, reason="the collection of scenarios is not beside the project")
@pytest.mark.parametrize(("scenario", "at", "expected"), LOOKS)
def test_a_scenario_of_the_collection(scenario: dict[str, Any], at: float, expected: dict[str, Any]) -> None:
    now = shared_scenarios.created(scenario) + timedelta(seconds=at)
    job = parse(shared_scenarios.body(scenario, at))
    said = conclude(job, now)
    assert said.outcome == expected["outcome"]
    if "document" in expected:
        assert said.document == expected["document"]
    if "faults" in expected:
        assert len(job.faults) == expected["faults"]
    if "failed_step" in expected:
        step = job.intents[said.failed_step].step_id if said.failed_step is not None else None
        assert step == expected["failed_step"]
    if "skipped" in expected:
        assert len(said.skipped) == expected["skipped"]
    if "errors_recovered" in expected:
        assert said.recovered == expected["errors_recovered"]
    if "secondary_fault" in expected:
        assert (said.root_fault, said.consequences) == (expected["root_fault"], {expected["secondary_fault"]})
    if "attempt" in expected:
        assert said.waiting is not None
        assert said.waiting.attempt == expected["attempt"]
    if "next_try_in_s" in expected:
        assert said.waiting is not None
        assert said.waiting.next_try is not None
        least, most = map(float, expected["next_try_in_s"].split(".."))
        assert least <= (said.waiting.next_try[0] - now).total_seconds() <= most
    if "waiting_since" in expected:
        assert said.waiting is not None
        since = shared_scenarios.created(scenario) + timedelta(seconds=shared_scenarios.seconds(expected["waiting_since"]))
        assert said.waiting.since == since
