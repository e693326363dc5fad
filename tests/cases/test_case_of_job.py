"""The case of a job: one per document, created once, merged when the silo entry becomes known."""

from uuid import uuid4

import pytest
from django.db import transaction

from jobs.cases import case_of_job, claims, notes, states, tickets
from jobs.models import Case, CaseJob, Snapshot
from tests.cases.conftest import NOW, Seen
from tests.conftest import Stage


def test_a_job_never_opened_has_no_case_and_gets_none(stage: Stage) -> None:
    with pytest.raises(case_of_job.NoSuchJob):
        case_of_job.of_job(stage.acme, uuid4())
    with pytest.raises(case_of_job.NoSuchJob):
        notes.write(stage.acme, uuid4(), stage.bob, "Hello", NOW)
    assert not Case.objects.exists()


def test_another_teams_job_has_no_case(stage: Stage, seen: Seen) -> None:
    with pytest.raises(case_of_job.NoSuchJob):
        notes.write(stage.elsewhere, seen(), stage.charlie, "Hello", NOW)


def test_reading_creates_no_case(stage: Stage, seen: Seen) -> None:
    assert case_of_job.of_job(stage.acme, seen()) is None
    assert case_of_job.followed(stage.acme, seen("entry")) is None
    assert not Case.objects.exists()


def test_the_next_run_of_a_document_has_the_same_case(stage: Stage, seen: Seen) -> None:
    first, second = seen("entry"), seen("entry")
    notes.write(stage.acme, first, stage.bob, "Called the customer", NOW)
    found = case_of_job.of_job(stage.acme, second)
    assert found is not None
    assert [told.text for told in notes.of(found)[0]] == ["Called the customer"]


def test_a_run_is_linked_once_its_page_was_opened(stage: Stage, seen: Seen) -> None:
    first, second = seen("entry"), seen("entry")
    notes.write(stage.acme, first, stage.bob, "Hello", NOW)
    case_of_job.followed(stage.acme, second)
    Snapshot.objects.all().delete()
    assert case_of_job.of_job(stage.acme, second) == case_of_job.of_job(stage.acme, first)


def test_documents_and_teams_have_separate_cases(stage: Stage, seen: Seen) -> None:
    notes.write(stage.acme, seen("entry"), stage.bob, "Ours", NOW)
    assert case_of_job.of_job(stage.acme, seen("other")) is None
    assert case_of_job.of_job(stage.elsewhere, seen("entry", stage.elsewhere)) is None


def test_a_case_moves_to_its_document_when_the_entry_is_known(stage: Stage, seen: Seen) -> None:
    job = seen()
    notes.write(stage.acme, job, stage.bob, "Early", NOW)
    Snapshot.objects.filter(job_id=job).update(entry_id="entry")
    case_of_job.join(stage.acme, job, NOW)
    assert Case.objects.get().entry_id == "entry"
    assert case_of_job.of_job(stage.acme, seen("entry")) == Case.objects.get()


def test_merging_two_cases_loses_nothing(stage: Stage, seen: Seen) -> None:
    early, later = seen(), seen("entry")
    notes.write(stage.acme, early, stage.bob, "Early", NOW)
    claims.take(stage.acme, early, stage.bob, None, NOW)
    tickets.put(stage.acme, early, stage.bob, "https://help.example.com/1", NOW)
    states.put(stage.acme, early, stage.bob, "customer", NOW)
    notes.write(stage.acme, later, stage.alice, "Later", NOW)
    states.put(stage.acme, later, stage.alice, "done", NOW)
    Snapshot.objects.filter(job_id=early).update(entry_id="entry")
    joined = case_of_job.followed(stage.acme, early)
    assert joined == Case.objects.get()
    assert (joined.holder, joined.state) == (stage.bob, "customer")
    assert tickets.address_of(joined) == "https://help.example.com/1"
    assert {told.text for told in notes.of(joined)[0]} == {"Early", "Later"}
    assert set(CaseJob.objects.values_list("job_id", flat=True)) == {early, later}
    assert case_of_job.of_job(stage.acme, later) == joined


def test_a_second_ticket_of_one_document_is_kept_as_a_note(stage: Stage, seen: Seen) -> None:
    early, later = seen(), seen("entry")
    for number, job in enumerate((early, later)):
        tickets.put(stage.acme, job, stage.bob, f"https://help.example.com/{number}", NOW)
    Snapshot.objects.filter(job_id=early).update(entry_id="entry")
    case_of_job.join(stage.acme, early, NOW)
    case = Case.objects.get()
    assert tickets.address_of(case) == "https://help.example.com/1"
    assert [told.text for told in notes.of(case)[0]] == ["https://help.example.com/0"]


def test_open_pages_of_merged_cases_are_updated(stage: Stage, seen: Seen) -> None:
    early, later = seen(), seen("entry")
    for job in (early, later):
        notes.write(stage.acme, job, stage.bob, "Hello", NOW)
    before = {(case.pk, case.version) for case in Case.objects.all()}
    Snapshot.objects.filter(job_id=early).update(entry_id="entry")
    case_of_job.join(stage.acme, early, NOW)
    assert (Case.objects.get().pk, Case.objects.get().version) not in before


def test_merging_without_cases_creates_none(stage: Stage, seen: Seen) -> None:
    case_of_job.join(stage.acme, seen("entry"), NOW)
    assert not Case.objects.exists()


def test_a_deleted_case_is_created_again(stage: Stage, seen: Seen) -> None:
    job = seen("entry")
    notes.write(stage.acme, job, stage.bob, "Old", NOW)
    Case.objects.all().delete()
    with transaction.atomic():
        assert case_of_job.opened(stage.acme, job, NOW).pk
