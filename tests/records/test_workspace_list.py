"""Walking the list of a workspace's jobs: where a walk begins and ends, and which jobs are queued."""

import json
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from jobs.models import JobRecord, JobToRead, Sweep
from jobs.records import workspace_list
from tests.conftest import Stage

NOW = timezone.now()
MINUTE = timedelta(minutes=1)


def page(*ages: int, cursor: str = "", updated: datetime | None = None) -> bytes:
    """A page of jobs that were created that many minutes ago."""
    jobs = [
        {"id": str(uuid4()), "created_at": (NOW - age * MINUTE).isoformat(), "updated_at": (updated or NOW).isoformat()}
        for age in ages
    ]
    return json.dumps({"list": jobs, "next_cursor": cursor}).encode()


@pytest.fixture
def sweep(stage: Stage) -> Sweep:
    begun = Sweep.objects.create(team=stage.acme)
    workspace_list.begin(begun, NOW)
    return begun


@pytest.mark.parametrize(
    ("list_at", "cursor", "due"),
    [
        (None, "", True),
        (NOW + 30 * timedelta(seconds=1), "", False),
        (NOW + 30 * timedelta(seconds=1), "c", True),
        (NOW, "", True),
        (NOW + timedelta(hours=1), "", True),
    ],
    ids=["never read", "read lately", "in the middle", "due", "written by another clock"],
)
def test_the_list_is_read_once_a_minute_to_its_end(list_at: datetime | None, cursor: str, due: bool) -> None:
    assert workspace_list.is_due(Sweep(list_at=list_at, cursor=cursor), NOW) is due


def test_the_first_walk_goes_back_as_far_as_the_team_wants(sweep: Sweep) -> None:
    assert sweep.bottom == NOW - timedelta(hours=sweep.hours_back)


def test_the_next_walk_overlaps_the_last(sweep: Sweep) -> None:
    sweep.read_up_to = NOW - 10 * MINUTE
    workspace_list.begin(sweep, NOW)
    assert sweep.bottom == NOW - 10 * MINUTE - workspace_list.OVERLAP


def test_a_walk_reaches_the_oldest_open_job(sweep: Sweep) -> None:
    JobRecord.objects.create(team=sweep.team, job_id=uuid4(), created_at=NOW - 600 * MINUTE, read_at=NOW)
    sweep.read_up_to, sweep.deep_at = NOW - 10 * MINUTE, None
    workspace_list.begin(sweep, NOW)
    assert sweep.bottom == NOW - 600 * MINUTE


def test_new_jobs_are_noted_once_and_the_walk_continues_at_its_cursor(sweep: Sweep) -> None:
    body = page(1, 2, 3, cursor="next")
    workspace_list.take(sweep, body, NOW)
    assert (JobToRead.objects.count(), sweep.cursor, sweep.pages) == (3, "next", 1)
    workspace_list.take(sweep, body, NOW)
    assert JobToRead.objects.count() == 3
    assert sweep.cursor == ""  # a cursor that leads to itself ends the walk


@pytest.mark.parametrize("last", [page(4), page(9, 100_000, cursor="more"), b"{}"], ids=["no cursor", "far", "empty"])
def test_a_finished_walk_stores_how_far_it_read(sweep: Sweep, last: bytes) -> None:
    workspace_list.take(sweep, page(1, cursor="next"), NOW)
    workspace_list.take(sweep, last, NOW)
    assert (sweep.cursor, sweep.read_up_to, sweep.list_at) == ("", NOW - MINUTE, NOW + workspace_list.EVERY)


def test_a_job_of_the_future_does_not_hide_later_jobs(sweep: Sweep) -> None:
    """Written by a clock that is ahead, it stays at the top of the list."""
    workspace_list.take(sweep, page(-900_000, 1), NOW)
    later = NOW + 30 * MINUTE
    workspace_list.begin(sweep, later)
    assert sweep.bottom == NOW - workspace_list.OVERLAP
    JobToRead.objects.all().delete()
    workspace_list.take(sweep, page(-900_000, -20, -10, 1000), later)
    assert JobToRead.objects.count() == 3
    assert sweep.read_up_to == later


def test_a_stored_time_of_the_future_heals(sweep: Sweep) -> None:
    sweep.read_up_to = NOW + 900_000 * MINUTE
    workspace_list.begin(sweep, NOW)
    workspace_list.take(sweep, page(5, 10), NOW)
    assert JobToRead.objects.count() == 2
    assert sweep.read_up_to == NOW


def test_a_job_is_read_again_only_if_the_list_has_something_later(sweep: Sweep) -> None:
    for updated, wanted in ((NOW, 1), (NOW - 5 * MINUTE, 0)):
        JobToRead.objects.all().delete()
        JobRecord.objects.all().delete()
        body = page(6, updated=updated)
        job_id = json.loads(body)["list"][0]["id"]
        JobRecord.objects.create(team=sweep.team, job_id=job_id, updated_at=NOW - MINUTE, read_at=NOW)
        workspace_list.take(sweep, body, NOW)
        assert JobToRead.objects.count() == wanted
