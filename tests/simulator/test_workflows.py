"""The workflows of the stories, and the API's responses about them."""

from jobs.simulator import Simulator
from tests.simulator.asking import ask, job_of, shown


def test_workflows_name_every_step_of_a_job(simulator: Simulator) -> None:
    body = shown(simulator, job_of("es-no-tax-id"))
    flow = ask(simulator, f"/transform/v1/workflows/{body['workflow_id']}").json()
    steps = {step["id"]: step["name"] for step in [*flow["steps"], *flow["rescue"]]}
    assert all(steps[intent["step_id"]] == intent["name"] for intent in body["intents"])
    assert flow["versions"][0]["version"] == flow["version"]
    assert flow["steps"][4]["next"][0]["stop"] is True
    assert "{.state .processing}" in flow["steps"][0]["summary"]


def test_workflows_are_listed_and_deleted_ones_are_404(simulator: Simulator) -> None:
    listed = ask(simulator, "/transform/v1/workflows").json()["list"]
    assert "VERI*FACTU issue invoice" in {flow["name"] for flow in listed}
    assert all("steps" not in flow for flow in listed)
    old = shown(simulator, job_of("es-old-integration"), "es-sand")
    assert ask(simulator, f"/transform/v1/workflows/{old['workflow_id']}", "es-sand").status_code == 404
