"""Which jobs of a team concern a person, and why."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from jobs.cases import claims, notes, states
from jobs.lookup import persons_jobs, pins
from jobs.lookup.persons_jobs import OF_TEAM, OWN
from jobs.models import JobRecord, LookUp, Snapshot, Team
from tests.conftest import Stage
from tests.failures.records import TAX_ID, made, success

NOW = timezone.now()


def listed(user: User, team: Team, sql: str = OF_TEAM) -> dict[str, list[UUID]]:
    return {why: [each.job_id for each in jobs] for why, jobs in persons_jobs.listed(user, team, sql).items()}


def looked_at(user: User, team: Team, job: UUID, minutes: int = 0, outcome: str = "") -> None:
    at = NOW - timedelta(minutes=minutes)
    LookUp.objects.create(user=user, team=team, job_id=job, at=at, outcome=outcome)


@pytest.fixture
def jobs(stage: Stage) -> list[UUID]:
    """Records of five failed jobs with different documents, newest first."""
    return [made(stage.acme, NOW - timedelta(hours=n), entry_id=f"e{n}", **TAX_ID).job_id for n in range(1, 6)]


def test_each_job_once_by_the_last_look_with_the_last_outcome(stage: Stage) -> None:
    first, second = uuid4(), uuid4()
    looked_at(stage.bob, stage.acme, first, 3, "running")
    looked_at(stage.bob, stage.acme, second, 2)
    looked_at(stage.bob, stage.acme, first, 1)
    (one, two) = persons_jobs.listed(stage.bob, stage.acme, OWN)["looked_up"]
    assert (one.job_id, one.at, one.outcome) == (first, NOW - timedelta(minutes=1), "running")
    assert (two.job_id, two.outcome) == (second, "")
    assert listed(stage.alice, stage.acme) == {}
    assert listed(stage.bob, stage.elsewhere) == {}


def test_what_is_pinned_or_looked_up_and_open(stage: Stage) -> None:
    open_one, pinned, over, never_read, somebody_elses = (uuid4() for _ in range(5))
    for job in (open_one, over, never_read):
        looked_at(stage.bob, stage.acme, job)
    pins.turn(stage.bob, stage.acme, pinned, on=True)
    for job in (open_one, pinned, over, never_read, somebody_elses):
        fetched_at = None if job == never_read else NOW
        Snapshot.objects.create(
            team=stage.acme, job_id=job, fetched_at=fetched_at, is_finished=job == over, expires_at=NOW
        )
    found = listed(stage.bob, stage.acme, OWN)
    assert set(found["open"]) == {open_one, pinned}
    assert found["pinned"] == [pinned]


def test_cases_by_their_newest_run(stage: Stage, jobs: list[UUID]) -> None:
    mine, done, loose, pinned, fine = jobs
    for job in (mine, done):
        claims.take(stage.acme, job, stage.bob, None, NOW)
    states.put(stage.acme, done, stage.bob, "done", NOW)
    notes.write(stage.acme, loose, stage.bob, "Who takes this?", NOW)
    states.pin(stage.acme, pinned, stage.bob, NOW + timedelta(seconds=1), on=True)
    JobRecord.objects.filter(job_id=fine).update(cause="")
    notes.write(stage.acme, fine, stage.bob, "For the file", NOW)
    found = listed(stage.bob, stage.acme)
    assert (found["held"], found["begun"], found["pinned_by_team"]) == ([mine], [pinned, loose], [pinned])
    assert "held" not in listed(stage.alice, stage.acme)
    states.put(stage.acme, fine, stage.bob, "customer", NOW + timedelta(seconds=2))
    assert listed(stage.bob, stage.acme)["begun"] == [fine, pinned, loose]


def test_failures_without_a_case_by_the_newest_run_of_each_document(stage: Stage, jobs: list[UUID]) -> None:
    again, mended, has_case, *rest = jobs
    made(stage.acme, NOW - timedelta(hours=9), entry_id="e1", **TAX_ID)  # an earlier run of the first
    made(stage.acme, NOW, is_open=True, **TAX_ID)
    success(stage.acme, NOW, timedelta())
    JobRecord.objects.filter(job_id=mended).update(mended_by=uuid4())
    claims.take(stage.acme, has_case, stage.bob, None, NOW)
    assert listed(stage.alice, stage.acme) == {"failed": [again, *rest]}
