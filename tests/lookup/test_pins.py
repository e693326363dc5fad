"""Pinned jobs."""

from django.test import Client

from jobs.models import Pin
from tests.conftest import Stage


def test_a_pinned_job_stays_listed_until_unpinned(bob: Client, job_id: str) -> None:
    path = f"/teams/acme/jobs/{job_id}/"
    bob.get(path)
    assert bob.post(path + "pin/").status_code == 302
    assert b'aria-pressed="true"' in bob.get(path).content
    assert b"pinned-" in bob.get("/teams/acme/").content
    bob.post(path + "pin/")
    assert Pin.objects.count() == 1
    bob.post(path + "pin/", {"off": "1"})
    assert Pin.objects.count() == 0


def test_a_pin_is_personal(bob: Client, job_id: str, stage: Stage) -> None:
    bob.post(f"/teams/acme/jobs/{job_id}/pin/")
    alice = Client()
    alice.force_login(stage.alice)
    assert b"pinned-" not in alice.get("/teams/acme/").content
