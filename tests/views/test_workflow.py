"""A job's workflow is fetched after its page, and changes come with the next poll."""

import re
import time
from datetime import timedelta
from uuid import uuid4

import time_machine
from django.test import Client
from django.utils import timezone

from jobs.models import Snapshot, WorkflowCopy
from jobs.simulator.server import Simulator
from jobs.views import workflow


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
    assert simulator.requests.count() == 0


def test_a_page_rendered_before_another_learned_the_workflow_polls_too(bob: Client, job_id: str) -> None:
    page = f"/teams/acme/jobs/{job_id}/"
    bob.get(page)
    WorkflowCopy.objects.all().delete()
    Snapshot.objects.filter(job_id=job_id).update(version="rendered-without")
    address = _address_in(bob.get(page).content.decode())
    assert "?without=" in address
    assert "HX-Trigger" in bob.get(page + "workflow/").headers  # of another page
    before = Snapshot.objects.get(job_id=job_id).version
    assert "poll" in bob.get(address).headers["HX-Trigger"]
    assert Snapshot.objects.get(job_id=job_id).version == before
    assert "?without=" not in _address_in(bob.get(page).content.decode())


def test_a_workflow_learned_for_another_job_is_concluded_once(bob: Client, job_id: str) -> None:
    page = f"/teams/acme/jobs/{job_id}/"
    bob.get(page)
    bob.get(page + "workflow/")
    copies = list(WorkflowCopy.objects.all())
    WorkflowCopy.objects.all().delete()
    Snapshot.objects.filter(job_id=job_id).update(version="rendered-without")
    address = _address_in(bob.get(page).content.decode())
    WorkflowCopy.objects.bulk_create(copies)
    versions = []
    for seconds in (0, 5):
        with time_machine.travel(timezone.now() + timedelta(seconds=seconds)):
            assert "poll" in bob.get(address).headers["HX-Trigger"]
        versions.append(Snapshot.objects.get(job_id=job_id).version)
    assert versions[0] == versions[1] != "rendered-without"


def test_a_workflow_that_nobody_can_name_triggers_no_poll(bob: Client, job_id: str, simulator: Simulator) -> None:
    page = f"/teams/acme/jobs/{job_id}/"
    bob.get(page)
    WorkflowCopy.objects.all().delete()
    simulator.misbehave("/workflows/", "503")
    assert "HX-Trigger" not in bob.get(page + "workflow/?without=x").headers


def _address_in(page: str) -> str:
    found = re.search(r'id="workflow-news" data-address="([^"]+)"', page)
    assert found
    return found[1]


def test_a_page_does_not_wait_for_an_api_that_takes_long(bob: Client, job_id: str, simulator: Simulator) -> None:
    page = f"/teams/acme/jobs/{job_id}/"
    bob.get(page)
    WorkflowCopy.objects.all().delete()
    simulator.misbehave("/workflows/", "hang", times=1)
    began = time.monotonic()
    assert bob.get(page + "workflow/?without=x").status_code == 202
    assert time.monotonic() - began < 2 * workflow.WAIT
    assert "poll" in bob.get(page + "workflow/?without=x").headers["HX-Trigger"]  # once it responds again
