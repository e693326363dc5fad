"""Job records: one row per team and job, with encrypted values bound to it."""

from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from jobs.models import JobRecord, Team
from tests.conftest import Stage

JOB = UUID("01a10b57-bee2-7cd4-9c8f-c9b91500a93e")


def test_there_is_one_record_per_team_and_job(stage: Stage) -> None:
    for team in (stage.acme, stage.elsewhere):
        JobRecord.objects.create(team=team, job_id=JOB, read_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        JobRecord.objects.create(team=stage.acme, job_id=JOB, read_at=timezone.now())


def test_a_job_is_finished_once_its_end_is_known() -> None:
    assert not JobRecord(job_id=JOB).is_finished
    assert JobRecord(job_id=JOB, ended_at=timezone.now()).is_finished


def test_sealed_data_decrypts_only_for_its_team_and_job() -> None:
    places = {JobRecord(team=Team(pk=pk), job_id=job).place for pk in (1, 2) for job in (JOB, uuid4())}
    assert len(places) == 4


def test_a_record_is_named_by_job_and_outcome() -> None:
    assert str(JobRecord(job_id=JOB)) == f"{JOB} (new)"
    assert str(JobRecord(job_id=JOB, outcome="completed")) == f"{JOB} (completed)"
