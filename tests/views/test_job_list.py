"""The list of the workspace's jobs, and the other runs of a document, as pages and as parts."""

import re
import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertNumQueries

from jobs.invopop import client as api
from jobs.lookup import rate_limit
from jobs.lookup.job_list import RUNS_WAIT
from jobs.models import JobRecord, Origin
from jobs.simulator.server import Simulator
from jobs.upstream import circuit_breaker
from tests.conftest import Stage
from tests.failures.records import made


def test_unchanged_rows_are_polled_without_a_body(bob: Client, simulator: Simulator) -> None:
    simulator.start_job("be-approval", speed=0.001)  # the newest, and still open
    page = bob.get("/teams/acme/jobs/").content.decode()
    tag = page.split('"HX-PTag": "')[1].split('"')[0]
    assert 'data-poll-ms="10000"' in page
    answer = bob.get("/teams/acme/jobs/", headers={"HX-Request": "true", "HX-PTag": tag})
    assert answer.status_code == 204
    changed = bob.get("/teams/acme/jobs/", headers={"HX-Request": "true", "HX-PTag": "other"}).content.decode()
    assert changed.count("<tbody") == 1


def test_a_failed_list_request_says_so_and_keeps_the_rows(bob: Client, simulator: Simulator) -> None:
    simulator.misbehave("/transform/v1/jobs", "503")
    try:
        page = bob.get("/teams/acme/jobs/")
        poll = bob.get("/teams/acme/jobs/", headers={"HX-Request": "true", "HX-PTag": "other"})
    finally:
        simulator.misbehave("/transform/v1/jobs", None)
    assert page.status_code == 200
    assert 'id="row-' not in page.content.decode()
    assert (poll.status_code, poll.content) == (204, b"")


def test_a_rejected_key_leads_managers_to_the_settings(stage: Stage, bob: Client, simulator: Simulator) -> None:
    stage.acme.tokens.update(refused_at=timezone.now())
    manager = Client()
    manager.force_login(stage.alice)
    for client, links in ((bob, 0), (manager, 1)):
        page = client.get("/teams/acme/jobs/").content.decode()
        problem = page[page.index("missing or was rejected") :]
        assert problem.partition("</div>")[0].count('href="/teams/acme/settings/"') == links


def test_other_runs_of_a_document_are_a_page_and_a_fragment(bob: Client, job_id: str) -> None:
    runs = f"/teams/acme/jobs/{job_id}/runs/"
    assert bob.get(runs, headers={"HX-Request": "true"}).status_code == 404  # nobody has opened the job
    assert bob.get(runs, follow=True).redirect_chain == [(f"/teams/acme/jobs/{job_id}/", 302)]
    assert b"<html" in bob.get(runs).content
    assert b"<html" not in bob.get(runs, headers={"HX-Request": "true"}).content


def test_open_lists_stop_requesting_while_the_api_does_not_respond(
    bob: Client, simulator: Simulator, settings: Any
) -> None:
    settings.LOOK_UPS_A_MINUTE = 5  # ten requests for lists: what is not sent does not count
    simulator.misbehave("/transform/v1/jobs", "503")
    simulator.requests.clear()
    try:
        for _ in range(circuit_breaker.FAILURES + 10):
            assert "The API is not responding" in bob.get("/teams/acme/jobs/").content.decode()
    finally:
        simulator.misbehave("/transform/v1/jobs", None)
    assert simulator.requests.count("/transform/v1/jobs") == circuit_breaker.FAILURES
    Origin.objects.update(open_until=timezone.now())
    assert 'id="row-' in bob.get("/teams/acme/jobs/").content.decode()
    assert Origin.objects.get().failures == 0  # which closes the breaker for everybody


def test_open_lists_leave_the_trial_request_to_one(
    bob: Client, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the API hangs, each of them would hold a thread for seconds, as often as a trial is due."""
    Origin.objects.create(url=simulator.url, failures=circuit_breaker.FAILURES, open_until=timezone.now())
    first, sent = api.Client.jobs, 0

    def request_beside_another(*of: Any, **more: Any) -> bytes:
        nonlocal sent
        sent += 1
        other = bob.get("/teams/acme/jobs/", {"before": f"2026-11-20T0{sent}:00"})
        assert "The API is not responding" in other.content.decode()
        return first(*of, **more)

    monkeypatch.setattr(api.Client, "jobs", request_beside_another)
    assert 'id="row-' in bob.get("/teams/acme/jobs/").content.decode()
    assert sent == 1


@pytest.mark.parametrize("fault", ["hang", "slow:2.5", "503"])
def test_other_runs_show_what_is_stored_while_the_api_does_not_respond(
    bob: Client, stage: Stage, job_id: str, simulator: Simulator, fault: str
) -> None:
    bob.get(f"/teams/acme/jobs/{job_id}/")
    entry = JobRecord.objects.get(job_id=job_id).entry_id
    other = made(stage.acme, timezone.now(), entry_id=entry)
    simulator.misbehave("/", fault)
    began = time.monotonic()
    try:
        page = bob.get(f"/teams/acme/jobs/{job_id}/runs/", headers={"HX-Request": "true"}).content.decode()
    finally:
        simulator.misbehave("/", None)
    assert time.monotonic() - began < RUNS_WAIT + 1
    assert "The API is not responding" in page
    assert re.findall(r'id="row-([^"]+)"', page) == [str(other.job_id)]


def test_other_runs_beyond_a_limit_of_lists_are_those_stored(
    bob: Client, stage: Stage, job_id: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit may be the team's, spent by other people: nothing has to be given up for it."""
    bob.get(f"/teams/acme/jobs/{job_id}/")
    other = made(stage.acme, timezone.now(), entry_id=JobRecord.objects.get(job_id=job_id).entry_id)
    settings.LOOK_UPS_A_MINUTE = 1
    monkeypatch.setattr(rate_limit, "MINUTE", 1_000_000_000)  # which does not end during this test
    for _ in range(rate_limit.LISTS_OF_PERSON):
        rate_limit.spend_on_list(stage.bob, stage.acme)
    answer = bob.get(f"/teams/acme/jobs/{job_id}/runs/", headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "opened many lists within a minute" in page
    assert re.findall(r'id="row-([^"]+)"', page) == [str(other.job_id)]


def test_today_starts_at_midnight_in_the_readers_time_zone(bob: Client) -> None:
    bob.cookies["zone"] = "Pacific/Auckland"  # 12 or 13 hours ahead
    found = re.search(r'href="\?after=([^"]+)">Today<', bob.get("/teams/acme/jobs/").content.decode())
    assert found
    here = ZoneInfo("Pacific/Auckland")
    begin = datetime.fromisoformat(found[1].replace("%3A", ":"))
    assert (begin.hour, begin.minute) == (0, 0)
    assert timedelta() <= datetime.now(here) - begin.replace(tzinfo=here) <= timedelta(hours=25)


def test_times_are_in_the_zone_that_is_named(bob: Client) -> None:
    bob.cookies["zone"] = "Europe/Madrid"
    assert re.search(r"Created after\s+\(Europe/Madrid\)", bob.get("/teams/acme/jobs/").content.decode())
    of_a_link = bob.get("/teams/acme/jobs/?zone=Asia/Tokyo").content.decode()
    assert re.search(r"Created after\s+\(Asia/Tokyo\)", of_a_link)
    assert 'name="zone" value="Asia/Tokyo"' in of_a_link  # and stays so when it is filtered further


def test_queries(bob: Client, simulator: Simulator) -> None:
    """The session with its person; the team with the membership and the key; the page of the list with the names of
    workflows, from the cache, which is in the database here; the jobs; what can be chosen, for a whole page."""
    bob.get(f"/teams/acme/jobs/{simulator.start_job('es-no-tax-id', speed=1e8)}/")
    for headers, most in (({}, 5), ({"HX-Request": "true"}, 4)):
        bob.get("/teams/acme/jobs/", headers=headers)
        with assertNumQueries(most):
            bob.get("/teams/acme/jobs/", headers=headers)
