"""A job's current workflow: fetched in the background, cached, and optional."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from jobs.invopop.workflow_payload import Step, Workflow
from jobs.models import Team, Token, WorkflowCopy
from jobs.simulator.server import Simulator
from jobs.upstream import workflows
from tests.upstream.viewing import look


@pytest.fixture
def workflow_id(team: Team, finished: UUID, simulator: Simulator) -> str:
    found = json.loads(look(team, finished).body or b"{}")["workflow_id"]
    WorkflowCopy.objects.all().delete()
    simulator.requests.clear()
    return str(found)


def test_a_definition_is_fetched_once_in_ten_minutes(team: Team, workflow_id: str, simulator: Simulator) -> None:
    now = timezone.now()
    assert workflows.known(team, workflow_id) is None
    assert workflows.learn(team, workflow_id, now)
    assert not workflows.learn(team, workflow_id, now + timedelta(minutes=9))
    assert simulator.requests.count(f"/workflows/{workflow_id}") == 1
    found = workflows.known(team, workflow_id)
    assert found is not None
    assert found.id == workflow_id
    assert found.steps


def test_fetching_the_same_definition_reports_no_change(team: Team, workflow_id: str, simulator: Simulator) -> None:
    now = timezone.now()
    workflows.learn(team, workflow_id, now)
    assert not workflows.learn(team, workflow_id, now + workflows.KEPT)
    assert simulator.requests.count(f"/workflows/{workflow_id}") == 2


def test_a_failed_fetch_keeps_the_known_definition(team: Team, workflow_id: str, simulator: Simulator) -> None:
    workflows.learn(team, workflow_id, timezone.now())
    simulator.misbehave("/workflows/", "503")
    assert not workflows.learn(team, workflow_id, timezone.now() + workflows.KEPT)
    assert workflows.known(team, workflow_id) is not None


def test_a_deleted_workflow_is_known_as_deleted(team: Team, workflow_id: str, simulator: Simulator) -> None:
    simulator.misbehave("/workflows/", "404")
    workflows.learn(team, workflow_id, timezone.now())
    assert workflows.known(team, workflow_id) is None
    assert not workflows.learn(team, workflow_id, timezone.now())
    assert simulator.requests.count(f"/workflows/{workflow_id}") == 1


def test_a_definition_sealed_with_a_lost_key_is_unknown(team: Team, workflow_id: str) -> None:
    workflows.learn(team, workflow_id, timezone.now())
    assert workflow_id.encode() not in bytes(WorkflowCopy.objects.get().sealed)
    WorkflowCopy.objects.update(sealed=b"1.0.lost")
    assert workflows.known(team, workflow_id) is None


@pytest.mark.parametrize("workflow_id", ["", "x" * 101])
def test_an_invalid_workflow_id_is_not_requested(team: Team, simulator: Simulator, workflow_id: str) -> None:
    assert not workflows.learn(team, workflow_id, timezone.now())
    assert simulator.requests.count("/workflows") == 0


def test_names_are_fetched_once_and_are_optional(team: Team, workflow_id: str, simulator: Simulator) -> None:
    assert workflows.names(team)[workflow_id] == workflows.names(team)[workflow_id] != ""
    assert simulator.requests.count("/transform/v1/workflows") == 1
    Token.objects.filter(team=team).update(in_use=False)
    assert workflows.names(Team.objects.get(pk=team.pk)) == {}


def test_steps_and_error_branch_determine_the_meaning(team: Team, workflow_id: str) -> None:
    workflows.learn(team, workflow_id, timezone.now())
    found, whole = workflows.definition(team, workflow_id), workflows.known(team, workflow_id)
    assert found is not None
    assert whole is not None
    assert [step[0] for step in found.steps] == [step.id for step in whole.steps]
    assert found.rescue == {step.id for step in whole.rescue if step.id}
    assert workflows.definition(team, "another") is None


def test_steps_under_a_condition_are_told_from_the_main_line() -> None:
    within, under = Step("in", "", "peppol.send", branch="true"), Step("err", "", "slack", branch="rescue")
    found = workflows.as_concluded(Workflow("w", steps=(Step("a", "", "pdf"), within), rescue=(under,)))
    assert (found.branches, found.rescue) == ({"in"}, {"err"})
