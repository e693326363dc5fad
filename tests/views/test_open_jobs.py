"""The jobs a person watches and has pinned: one poll for all of them."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from jobs.models import Snapshot
from jobs.simulator.server import Simulator


def test_one_poll_for_all_jobs_is_answered_without_a_body_if_unchanged(bob: Client, simulator: Simulator) -> None:
    jobs = [simulator.start_job("es-stub", speed=0.001) for _ in range(3)]
    for job in jobs:
        bob.get(f"/teams/acme/jobs/{job}/")
    later = timezone.now() + timedelta(minutes=1)
    Snapshot.objects.update(next_at=later, lease_until=None)
    page = bob.get("/watch/", headers={"HX-Request": "true"}).content.decode()
    assert all(job in page for job in jobs)
    tag = page.split('"HX-PTag": "')[1].split('"')[0]
    answer = bob.get("/watch/", headers={"HX-Request": "true", "HX-PTag": tag})
    assert (answer.status_code, answer.content) == (204, b"")
    assert 0 < int(answer.headers["X-Poll-Ms"]) <= 30_000


def test_opened_as_a_page_it_redirects_to_one(bob: Client) -> None:
    assert bob.get("/watch/").headers["Location"] == "/"
    assert bob.get("/watch/", {"team": "acme"}).headers["Location"] == "/teams/acme/"
    assert bob.get("/watch/", {"team": "elsewhere"}).headers["Location"] == "/"


def test_a_pin_is_a_button_for_htmx_and_a_redirect_for_a_browser(bob: Client, job_id: str) -> None:
    pin = f"/teams/acme/jobs/{job_id}/pin/"
    assert bob.post(pin).headers["Location"] == f"/teams/acme/jobs/{job_id}/"
    part = bob.post(pin, headers={"HX-Request": "true"}).content.decode()
    assert 'aria-pressed="true"' in part
    assert "<html" not in part
    assert bob.get(pin).status_code == 405
    assert bob.post("/teams/elsewhere/jobs/" + job_id + "/pin/").status_code == 404
