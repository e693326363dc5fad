"""A job's workflow is fetched after its page, and changes come with the next poll."""

from uuid import uuid4

from django.test import Client

from jobs.models import Snapshot, WorkflowCopy
from jobs.simulator.server import Simulator


def test_a_page_that_learns_something_new_polls(bob: Client, job_id: str) -> None:
    bob.get(f"/teams/acme/jobs/{job_id}/")
    WorkflowCopy.objects.all().delete()
    before = Snapshot.objects.get(job_id=job_id).version
    answer = bob.get(f"/teams/acme/jobs/{job_id}/workflow/")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "poll" in answer.headers["HX-Trigger"]
    assert WorkflowCopy.objects.exists()
    assert Snapshot.objects.get(job_id=job_id).version != before


def test_known_definitions_trigger_no_poll(bob: Client, job_id: str, simulator: Simulator) -> None:
    bob.get(f"/teams/acme/jobs/{job_id}/")
    bob.get(f"/teams/acme/jobs/{job_id}/workflow/")
    simulator.requests.clear()
    answer = bob.get(f"/teams/acme/jobs/{job_id}/workflow/")
    assert answer.status_code == 204
    assert "HX-Trigger" not in answer.headers
    assert simulator.requests.count("/workflows") == 0


def test_an_unopened_job_has_no_workflow_to_fetch(bob: Client, job_id: str, simulator: Simulator) -> None:
    simulator.requests.clear()
    assert bob.get(f"/teams/acme/jobs/{job_id}/workflow/").status_code == 404
    assert bob.get(f"/teams/acme/jobs/{uuid4()}/workflow/").status_code == 404
    assert simulator.requests.count("/") == 0
