"""Job lists, workflows and the workspace are parsed as leniently as a job."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.invopop.resources import MAX_STEPS, parse_list, parse_workflow, parse_workspace

SAMPLES = Path(__file__).parents[1] / "samples"


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.json").read_bytes()


def test_a_page_has_jobs_and_a_next_cursor() -> None:
    page = parse_list(sample("list2026"))
    assert [job.status for job in page.items] == ["OK", "ERR"]
    assert (page.next_cursor, page.unread) == ("c-2", ())


def test_invalid_entries_do_not_hide_the_others() -> None:
    page = parse_list(b'{"list":[null,{"id":"a"},7],"next_cursor":null}')
    assert ([job.id for job in page.items], page.next_cursor, len(page.unread)) == (["a"], "", 2)


def test_workflow_steps_are_flattened_with_their_branch() -> None:
    workflow = parse_workflow(sample("workflow2026"))
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
    workflow = parse_workflow(json.dumps({"steps": steps, "rescue": None}).encode())
    assert [(step.id, step.branch) for step in workflow.steps] == [("a", ""), ("b", "true"), ("c", "true > any")]


def test_an_endless_workflow_is_cut() -> None:
    block: dict[str, object] = {"id": "x"}
    for _ in range(100):
        block = {"id": "x", "next": [{"steps": [block]}]}
    assert len(parse_workflow(json.dumps({"steps": [block]}).encode()).steps) < 100
    assert len(parse_workflow(json.dumps({"steps": [{"id": "x"}] * 9_000}).encode()).steps) == MAX_STEPS


@pytest.mark.parametrize(
    ("body", "sandbox"), [(b'{"sandbox":true}', True), (b'{"sandbox":false}', False), (b"{}", None)]
)
def test_a_workspace_is_a_sandbox_only_if_it_says_so(body: bytes, sandbox: bool | None) -> None:
    assert parse_workspace(body).sandbox is sandbox
    assert parse_workspace(sample("workspace2026")).slug == "faro-blanco"


@given(st.binary(max_size=60))
def test_any_bytes_are_read(raw: bytes) -> None:
    for body in (raw, b'{"list":[' + raw + b"]}", b'{"steps":[' + raw + b'],"versions":' + raw + b"}"):
        assert None not in (parse_list(body), parse_workflow(body), parse_workspace(body))
