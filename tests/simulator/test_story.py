"""Every story at many times: in the API's shape, in order, and as expected."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema
import pytest

from jobs.simulator import Scenario, body_at, scenarios
from jobs.simulator.ids import time_of
from jobs.simulator.offsets import instant
from jobs.simulator.story import _moments
from tests.simulator.shapes import JOB

SHARED = Path(__file__).parents[2] / "../shared"
TOO_LARGE = {"large-1", "large-5", "large-10"}
TYPED = [scenario for scenario in scenarios() if scenario.raw is None and scenario.key not in TOO_LARGE]
BY_KEY = {scenario.key: scenario for scenario in scenarios()}


def instants(scenario: Scenario) -> list[float]:
    """A dozen moments: the first, the last, and some on either side of a change between them."""
    changes = [moment for moment in _moments(scenario) if moment != float("inf")]
    step = max(1, len(changes) // 8)
    return sorted(
        {0.0, scenario.look, *changes[::step], *(moment + 0.004 for moment in changes[::step]), changes[-1] + 1}
    )


def job(key: str, offset: float) -> dict[str, Any]:
    return body_at(BY_KEY[key], offset)


def without_empty(value: Any) -> Any:
    """Without what is null, for the one story that says so."""
    return {name: member for name, member in value.items() if member not in (None, "", [], {})}


@pytest.mark.parametrize("scenario", TYPED, ids=lambda scenario: scenario.key)
def test_a_body_has_the_shape_of_a_job_at_any_time(scenario: Scenario) -> None:
    validator = jsonschema.Draft202012Validator(JOB)
    for offset in instants(scenario):
        validator.validate(without_empty(body_at(scenario, offset)))


@pytest.mark.skipif(not SHARED.exists(), reason="the API's own description is not here")
@pytest.mark.parametrize("scenario", TYPED, ids=lambda scenario: scenario.key)
def test_a_body_matches_the_api_description(scenario: Scenario, described: jsonschema.Draft7Validator) -> None:
    for offset in (0.0, scenario.look):
        described.validate(without_empty(body_at(scenario, offset)))


@pytest.fixture(scope="module")
def described() -> jsonschema.Draft7Validator:
    yaml = pytest.importorskip("yaml")
    told = yaml.load((SHARED / "openapi/transform_v1.yaml").read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return jsonschema.Draft7Validator({"$ref": "#/components/schemas/TransformJob", "components": told["components"]})


@pytest.mark.parametrize("scenario", TYPED, ids=lambda scenario: scenario.key)
def test_events_appear_in_time_and_never_disappear(scenario: Scenario) -> None:
    before: list[str] = []
    for offset in instants(scenario):
        body = without_empty(body_at(scenario, offset))
        now = scenario.created + timedelta(seconds=offset, milliseconds=1)
        events = [event["at"] for intent in body.get("intents", []) for event in intent.get("events", [])]
        assert all(instant(at) <= now for at in [*events, body["updated_at"]])
        assert events == sorted(events)
        assert events[: len(before)] == before
        before = events


@pytest.mark.parametrize("scenario", TYPED, ids=lambda scenario: scenario.key)
def test_ids_contain_the_right_time(scenario: Scenario) -> None:
    body = without_empty(body_at(scenario, scenario.look))
    minted = time_of(UUID(body["id"]))
    assert abs(instant(body["created_at"]) - minted - timedelta(seconds=scenario.minted_before)) < timedelta(
        milliseconds=2
    )
    assert UUID(body["id"]).version == scenario.id_version
    for intent in body.get("intents", []):
        own = UUID(intent["id"])
        assert own.version == scenario.intent_version
        if own.version == 7:
            assert time_of(own) == instant(intent["created_at"])


@pytest.mark.parametrize("scenario", TYPED, ids=lambda scenario: scenario.key)
def test_a_storys_expectations_are_visible_in_its_body(scenario: Scenario) -> None:
    assert scenario.expect is not None
    for offset, expect in [(scenario.look, scenario.expect), *scenario.expect_at]:
        body = without_empty(body_at(scenario, offset))
        last = [intent["events"][-1]["status"] if "events" in intent else "" for intent in body.get("intents", [])]
        old = scenario.shape in {"task2021", "integration", "step2023"}
        assert ("completed_at" not in body) == expect.open
        assert len(body.get("faults", [])) == (0 if old else expect.faults)
        assert [at for at, word in enumerate(last) if word == "SKIP"] == list(expect.skipped)
        assert next((at for at, word in enumerate(last) if word in {"KO", "TIMEOUT"}), None) == expect.failed_step
        assert bool(body.get("envelope", {}).get("sigs")) == expect.signed
        rescue = {str(step.id) for step in scenario.workflow.rescue} if scenario.workflow else set()
        assert [at for at, intent in enumerate(body.get("intents", [])) if intent.get("step_id") in rescue] == list(
            expect.handling
        )
        if expect.attempt:
            words = [event["status"] for event in body["intents"][-1]["events"]]
            assert words.count("RUN") == expect.attempt


@pytest.mark.parametrize(
    ("outcome", "word"),
    [
        ("retrying", "ERR"),
        ("waiting", "QUEUED"),
        ("woken", "POKE"),
        ("running", "RUN"),
        ("cancelling", "CANCEL"),
        ("accepted", ""),
    ],
)
def test_open_jobs_end_in_the_status_behind_their_outcome(outcome: str, word: str) -> None:
    found = 0
    for scenario in TYPED:
        for offset, expect in [(scenario.look, scenario.expect), *scenario.expect_at]:
            if expect and expect.outcome == outcome:
                intents = without_empty(body_at(scenario, offset)).get("intents", [])
                assert (intents[-1]["events"][-1]["status"] if intents else "") == word
                found += 1
    assert found


def test_every_outcome_and_shape_has_a_story() -> None:
    outcomes = {
        expect.outcome for one in scenarios() for expect in [one.expect, *(at[1] for at in one.expect_at)] if expect
    }
    assert outcomes == {
        "accepted", "running", "between_steps", "waiting", "woken", "retrying", "failing", "cancelling", "completed",
        "completed_handled", "completed_faults", "cancelled", "unknown",
    }  # fmt: skip
    assert {one.shape for one in scenarios()} == {
        "task2021",
        "integration",
        "step2023",
        "faults2024",
        "args2025",
        "files2026",
    }
    assert len({one.key for one in scenarios()}) == len(scenarios())


def test_a_2021_job_uses_tasks_and_a_2022_one_integrations() -> None:
    assert "task_id" in job("task-2021", 60)["intents"][0]
    assert "integration_id" in job("es-old-integration", 60)["intents"][0]
    assert "name" not in job("task-2021", 60)["intents"][0]
    assert "faults" not in job("step-2023", 60)
    assert "fields" in job("args-2025", 60)["faults"][0]


def test_a_dead_webhook_is_tried_33_times_in_twelve_hours() -> None:
    body = job("es-dead-webhook", 86400)
    words = [event["status"] for event in body["intents"][7]["events"]]
    assert words.count("RUN") == 33
    first, last = (instant(body["intents"][7]["events"][at]["at"]) for at in (0, -1))
    assert timedelta(hours=12, minutes=12) < last - first < timedelta(hours=12, minutes=13)


def test_two_runs_share_their_entry() -> None:
    assert job("es-first-run", 60)["silo_entry_id"] == job("es-second-run", 60)["silo_entry_id"]
    assert job("es-first-run", 60)["id"] != job("es-second-run", 60)["id"]


def test_an_entry_created_by_a_step_is_named_by_its_event() -> None:
    assert "silo_entry_id" not in job("es-stub", 1)
    body = job("es-stub", 4)
    assert body["intents"][0]["events"][-1]["silo_entry_id"] == body["silo_entry_id"]
    assert time_of(UUID(body["silo_entry_id"])) > instant(body["created_at"])


def test_signature_and_stamps_arrive_with_their_steps() -> None:
    early, late = (job("es-accepted", at)["envelope"] for at in (0.1, 60))
    assert "sigs" not in early
    assert "stamps" not in early["head"]
    assert late["sigs"]
    assert late["head"]["stamps"][0]["prv"] == "verifactu-qr"
    assert early["head"]["dig"] == late["head"]["dig"]


def test_a_faster_pace_reveals_the_same_events_sooner_and_never_early() -> None:
    from jobs.simulator.story import Pace, body

    scenario = BY_KEY["pl-try-again"]
    now = scenario.created + timedelta(seconds=20)
    quick = body(scenario, scenario.created, now, pace=Pace(0, 10))
    plain = body(scenario, scenario.created, scenario.created + timedelta(seconds=200))
    assert [len(intent["events"]) for intent in quick["intents"]] == [
        len(intent["events"]) for intent in plain["intents"]
    ]
    assert quick["status"] == "OK"
    assert instant(quick["completed_at"]) <= now
