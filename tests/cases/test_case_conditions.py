"""Filters by holder and state over many jobs."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from jobs.cases import case_conditions
from jobs.lookup import known_jobs
from jobs.lookup.job_list import MINE, Filters
from jobs.models import Case, CaseJob, JobRecord
from tests.conftest import Stage
from tests.failures.records import TAX_ID, made


def test_cases_are_filtered_by_document_job_and_no_holder(stage: Stage) -> None:
    now = timezone.now()
    by_document = made(stage.acme, now, entry_id="entry-1", **TAX_ID)
    by_job = made(stage.acme, now - timedelta(minutes=1), **TAX_ID)
    done = made(stage.acme, now - timedelta(minutes=2), entry_id="entry-2", **TAX_ID)
    free = made(stage.acme, now - timedelta(minutes=3), entry_id="entry-3", **TAX_ID)
    times = {"created_at": now, "changed_at": now}
    Case.objects.create(team=stage.acme, entry_id="entry-1", holder=stage.alice, **times)
    case = Case.objects.create(team=stage.acme, holder=stage.bob, state="customer", **times)
    CaseJob.objects.create(team=stage.acme, job_id=by_job.job_id, case=case)
    Case.objects.create(team=stage.acme, entry_id="entry-2", holder=stage.bob, state="done", **times)
    Case.objects.create(team=stage.elsewhere, entry_id="entry-3", holder=stage.charlie, **times)

    def found(wanted: object) -> set[JobRecord]:
        return set(JobRecord.objects.filter(wanted, team=stage.acme))  # type: ignore[arg-type]

    assert found(case_conditions.held(stage.acme)) == {by_document, by_job}
    assert found(case_conditions.held_by(stage.acme, "alice")) == {by_document}
    assert found(case_conditions.held_by(stage.acme, case_conditions.NOBODY)) == {free}
    assert found(case_conditions.in_state(stage.acme, "customer")) == {by_job}
    assert found(case_conditions.in_state(stage.acme, "done")) == {done}


def test_somebody_called_nobody_is_a_person_too(stage: Stage) -> None:
    now = timezone.now()
    namesake = User.objects.create_user(case_conditions.NOBODY)
    theirs = made(stage.acme, now, entry_id="entry-1", **TAX_ID)
    free = made(stage.acme, now - timedelta(minutes=1), entry_id="entry-2", **TAX_ID)
    Case.objects.create(team=stage.acme, entry_id="entry-1", holder=namesake, created_at=now, changed_at=now)

    def held_by(value: str) -> list[JobRecord]:
        return list(JobRecord.objects.filter(case_conditions.held_by(stage.acme, value), team=stage.acme))

    assert held_by(case_conditions.NOBODY) == [free]
    assert held_by(case_conditions.person(namesake.username)) == [theirs]
    listed = known_jobs.listing(stage.acme, "", Filters(case=MINE), namesake)
    assert [row.job_id for row in listed.rows] == [theirs.job_id]


@given(st.text(max_size=12))
def test_each_person_has_a_distinct_filter_value(name: str) -> None:
    assert case_conditions.person(name) != case_conditions.NOBODY
    assert case_conditions.person(name).removeprefix("user:") == name.removeprefix("user:")
