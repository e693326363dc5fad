"""Everything that a job's page shows beside the job, read with its row: of this team and this person."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from jobs.background import heartbeat
from jobs.lookup import job_page_query, pins
from jobs.lookup.job_page_query import Stored
from jobs.models import Case, CaseJob, Channel, Follow, JobRecord, Snapshot, Team
from tests.conftest import Stage

NOW = timezone.now()
NOTHING = {"is_pinned": False, "is_followed": False, "has_channels": False, "has_runs": False, "has_case": False}


def kept(team: Team, job_id: UUID | None = None, **columns: object) -> UUID:
    given: dict[str, object] = {"fetched_at": NOW, "expires_at": NOW + timedelta(days=1)}
    return Snapshot.objects.create(team=team, job_id=job_id or uuid4(), **(given | columns)).job_id


def case_of(team: Team, entry: str = "") -> Case:
    return Case.objects.create(team=team, entry_id=entry, created_at=NOW, changed_at=NOW)


def flags(found: Stored | None) -> dict[str, bool]:
    assert found is not None
    return {name: getattr(found, name) for name in NOTHING}


def at(user: User, team: Team, job: UUID) -> dict[str, bool]:
    return flags(job_page_query.find(user, team, job))


def test_a_job_with_nothing_stored(stage: Stage) -> None:
    assert job_page_query.find(stage.bob, stage.acme, uuid4()) is None
    assert job_page_query.find(stage.charlie, stage.elsewhere, kept(stage.acme)) is None


def test_a_job_alone(stage: Stage) -> None:
    job = kept(stage.acme, outcome="failing")
    found = job_page_query.find(stage.bob, stage.acme, job)
    assert found is not None
    assert flags(found) == NOTHING
    assert (found.record, found.worker_heard_at) == (None, None)
    assert (found.row.outcome, found.row.team, found.row.fetched_at) == ("failing", stage.acme, NOW)


def test_everything_stored_about_a_job(stage: Stage) -> None:
    job = kept(stage.acme, entry_id="entry")
    kept(stage.acme, entry_id="entry")
    pins.turn(stage.bob, stage.acme, job, on=True)
    Channel.objects.create(team=stage.acme, name="Chat", kind="chat", made_at=NOW)
    Follow.objects.create(team=stage.acme, job_id=job, user=stage.bob, made_at=NOW)
    case_of(stage.acme, "entry")
    JobRecord.objects.create(team=stage.acme, job_id=job, explanation="es-tax-id", read_at=NOW, overdue_at=NOW)
    heartbeat.beat("before", NOW - timedelta(hours=1))
    heartbeat.beat("last", NOW)
    found = job_page_query.find(stage.bob, stage.acme, job)
    assert found is not None
    assert flags(found) == dict.fromkeys(NOTHING, True)
    assert found.record is not None
    assert (found.record.explanation, found.record.overdue_at, found.worker_heard_at) == ("es-tax-id", NOW, NOW)


def test_another_persons_rows_count_only_for_them(stage: Stage) -> None:
    job = kept(stage.acme)
    pins.turn(stage.alice, stage.acme, job, on=True)
    Follow.objects.create(team=stage.acme, job_id=job, user=stage.alice, made_at=NOW)
    assert at(stage.bob, stage.acme, job) == NOTHING
    assert at(stage.alice, stage.acme, job) == NOTHING | {"is_pinned": True, "is_followed": True}


def test_another_teams_rows_count_only_there(stage: Stage) -> None:
    """The same job and document in two workspaces."""
    job = kept(stage.acme, entry_id="entry")
    kept(stage.elsewhere, job, entry_id="entry")
    kept(stage.elsewhere, entry_id="entry")
    pins.turn(stage.bob, stage.elsewhere, job, on=True)
    Channel.objects.create(team=stage.elsewhere, name="Chat", kind="chat", made_at=NOW)
    Follow.objects.create(team=stage.elsewhere, job_id=job, user=stage.bob, made_at=NOW)
    CaseJob.objects.create(team=stage.elsewhere, job_id=job, case=case_of(stage.elsewhere, "entry"))
    JobRecord.objects.create(team=stage.elsewhere, job_id=job, entry_id="entry", read_at=NOW)
    found = job_page_query.find(stage.bob, stage.acme, job)
    assert flags(found) == NOTHING
    assert found is not None
    assert found.record is None


def test_ended_rows_do_not_count(stage: Stage) -> None:
    job = kept(stage.acme, entry_id="entry")
    kept(stage.acme, entry_id="entry", fetched_at=None)
    Channel.objects.create(team=stage.acme, name="Chat", kind="chat", made_at=NOW, ended_at=NOW)
    Follow.objects.create(team=stage.acme, job_id=job, user=stage.bob, made_at=NOW, ended_at=NOW)
    assert at(stage.bob, stage.acme, job) == NOTHING


@pytest.mark.parametrize("known_by", ["the run", "the copy", "the record"])
def test_a_case_is_found_by_document_or_job(stage: Stage, known_by: str) -> None:
    job = kept(stage.acme, entry_id="entry" if known_by == "the copy" else "")
    case = case_of(stage.acme, "" if known_by == "the run" else "entry")
    if known_by == "the run":
        CaseJob.objects.create(team=stage.acme, job_id=job, case=case)
    if known_by == "the record":
        JobRecord.objects.create(team=stage.acme, job_id=job, entry_id="entry", read_at=NOW)
    assert at(stage.bob, stage.acme, job)["has_case"]
