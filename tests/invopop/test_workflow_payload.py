"""A workflow is parsed as leniently as a job: its steps of all branches, and the names of workflows."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from jobs.invopop.workflow_payload import MAX_STEPS, parse, parse_names

SAMPLES = Path(__file__).parents[1] / "samples"


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.json").read_bytes()


def test_workflow_steps_are_flattened_with_their_branch() -> None:
    workflow = parse(sample("workflow2026"))
    assert [(step.name, step.branch) for step in workflow.steps] == [
        ("Number", ""),
        ("Send", ""),
        ("Tell the office", "KO 4107"),
        ("PDF", ""),
    ]
    assert [(step.name, step.action, step.branch) for step in workflow.rescue] == [
        ("Set State", "silo.state", "rescue")
    ]
    assert [condition.stop for condition in workflow.steps[1].next] == [True, False]
    assert (workflow.version, [version.version for version in workflow.versions]) == ("14", ["14", "13"])


def test_na_matches_any_status() -> None:
    steps = [
        {
            "id": "a",
            "next": [{"status": "NA", "code": "true", "steps": [{"id": "b", "next": [{"steps": [{"id": "c"}]}]}]}],
        }
    ]
    workflow = parse(json.dumps({"steps": steps, "rescue": None}).encode())
    assert [(step.id, step.branch) for step in workflow.steps] == [("a", ""), ("b", "true"), ("c", "true > any")]


def test_an_endless_workflow_is_cut() -> None:
    block: dict[str, object] = {"id": "x"}
    for _ in range(100):
        block = {"id": "x", "next": [{"steps": [block]}]}
    assert len(parse(json.dumps({"steps": [block]}).encode()).steps) < 100
    assert len(parse(json.dumps({"steps": [{"id": "x"}] * 9_000}).encode()).steps) == MAX_STEPS


def test_unnamed_workflows_are_left_out_of_the_names() -> None:
    entries = [{"id": "b", "name": "Second"}, {"id": "c", "name": ""}, {"name": "No id"}, {"id": "a", "name": "First"}]
    assert list(parse_names(json.dumps({"list": entries}).encode()).items()) == [("b", "Second"), ("a", "First")]


@given(st.binary(max_size=60))
def test_any_bytes_are_read(raw: bytes) -> None:
    for body in (raw, b'{"steps":[' + raw + b'],"versions":' + raw + b"}", b'{"list":[' + raw + b"]}"):
        assert parse(body) is not None
        assert "" not in parse_names(body)
