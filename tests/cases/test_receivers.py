"""Automatic changes of cases: a known silo entry, a new run, another failure."""

from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from jobs.cases import notes, states
from jobs.models import Case, CaseJob, Snapshot
from jobs.simulator.server import Simulator
from tests.conftest import Stage


@pytest.fixture
def failed(stage: Stage, bob: Client, simulator: Simulator) -> UUID:
    job = UUID(simulator.start_job("es-no-tax-id", speed=1e8))
    bob.get(f"/teams/acme/jobs/{job}/")
    return job


def entry_of(job: UUID) -> str:
    return Snapshot.objects.get(job_id=job).entry_id


def test_a_jobs_case_moves_to_its_document_with_the_next_answer(
    stage: Stage, bob: Client, simulator: Simulator
) -> None:
    job = UUID(simulator.start_job("es-no-tax-id", speed=1e8))
    Snapshot.objects.create(team=stage.acme, job_id=job, expires_at=timezone.now(), next_at=timezone.now())
    notes.write(stage.acme, job, stage.bob, "Early", timezone.now())
    assert Case.objects.get().entry_id == ""
    bob.get(f"/teams/acme/jobs/{job}/")
    assert Case.objects.get().entry_id == entry_of(job) != ""


def test_a_later_failed_run_reopens_a_done_case(stage: Stage, bob: Client, failed: UUID) -> None:
    states.put(stage.acme, failed, stage.bob, "done", timezone.now())
    case = Case.objects.get()
    Case.objects.update(changed_at=timezone.now().replace(year=2020))
    Snapshot.objects.all().delete()
    CaseJob.objects.all().delete()
    bob.get(f"/teams/acme/jobs/{failed}/")  # as if it were another run
    assert CaseJob.objects.get() == CaseJob.objects.get(case=case, job_id=failed)
    assert Case.objects.get().state == Case.State.OPEN


def test_a_failure_from_before_done_does_not_reopen(stage: Stage, bob: Client, failed: UUID) -> None:
    states.put(stage.acme, failed, stage.bob, "done", timezone.now())
    Snapshot.objects.all().delete()
    bob.get(f"/teams/acme/jobs/{failed}/")
    assert Case.objects.get().state == Case.State.DONE
