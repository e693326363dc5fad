"""A case belongs to a document of a team, or to one job; its encrypted values are bound to it."""

import uuid

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from jobs.models import Case, CaseJob, Note, Team
from tests.conftest import Stage

NOW = timezone.now()


def case(stage: Stage, entry_id: str = "") -> Case:
    return Case.objects.create(team=stage.acme, entry_id=entry_id, created_at=NOW, changed_at=NOW)


def test_a_document_has_one_case(stage: Stage) -> None:
    case(stage, "entry")
    with pytest.raises(IntegrityError), transaction.atomic():
        case(stage, "entry")
    Case.objects.create(team=stage.elsewhere, entry_id="entry", created_at=NOW, changed_at=NOW)


def test_jobs_without_a_document_have_their_own_cases(stage: Stage) -> None:
    assert case(stage).pk != case(stage).pk


def test_a_job_is_in_one_case(stage: Stage) -> None:
    job = uuid.uuid4()
    CaseJob.objects.create(team=stage.acme, case=case(stage), job_id=job)
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseJob.objects.create(team=stage.acme, case=case(stage), job_id=job)


def test_tickets_and_notes_decrypt_only_in_their_rows() -> None:
    one, other = Team(pk=1), Team(pk=2)
    places = [Case(team=team).ticket_place for team in (one, one, other)]
    places += [Note(team=team).place for team in (one, one, other)]
    assert len(set(places)) == 6


def test_a_case_outlives_its_holder(stage: Stage) -> None:
    held = case(stage)
    Case.objects.filter(pk=held.pk).update(holder=stage.bob, held_at=NOW)
    stage.bob.delete()
    assert Case.objects.get().holder is None
