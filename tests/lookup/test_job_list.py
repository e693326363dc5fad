"""The workspace's jobs, newest first: from the API's list, corrected by our copies."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from jobs.cases import claims, states
from jobs.cases.overview import Overview
from jobs.diagnosis.outcome import Outcome
from jobs.invopop import job_list_payload
from jobs.invopop.job_payload import Job, Moment
from jobs.lookup.job_list import Failure, Filters, Listing, Row, _row
from jobs.models import Snapshot, Team
from jobs.records.identities import Sealed
from jobs.simulator.server import Simulator
from tests.conftest import Stage
from tests.lookup.asking import job_json, row_in, rows_in


class TestBrowsing:
    def test_the_list_says_how_far_back_it_looked(self, bob: Client) -> None:
        page = bob.get("/teams/acme/jobs/", {"outcome": "failed"}).content.decode()
        assert "The API can’t filter" in page
        assert "jobs listed" in page
        assert "some that completed with faults may be missing" in page

    def test_a_row_names_workflow_and_entry_fetched_once(self, bob: Client, job_id: str, simulator: Simulator) -> None:
        entry = job_json(bob, job_id)["silo_entry_id"]
        simulator.requests.clear()
        row = row_in(bob.get("/teams/acme/jobs/").content.decode(), job_id)
        row_in(bob.get("/teams/acme/jobs/?outcome=").content.decode(), job_id)
        assert "VERI*FACTU issue invoice" in row
        assert f"?q={entry}" in row
        assert simulator.requests.count("/transform/v1/workflows") == 1

    def test_a_list_without_names_still_works(self, bob: Client, job_id: str, simulator: Simulator) -> None:
        simulator.misbehave("/transform/v1/workflows", "503")
        try:
            page = bob.get("/teams/acme/jobs/").content.decode()
        finally:
            simulator.misbehave("/transform/v1/workflows", None)
        assert row_in(page, job_id)
        assert "VERI*FACTU issue invoice" not in page

    def test_a_workflow_is_chosen_by_name(self, bob: Client, job_id: str) -> None:
        workflow = job_json(bob, job_id)["workflow_id"]
        page = bob.get("/teams/acme/jobs/").content.decode()
        assert f'<option value="{workflow}">VERI*FACTU issue invoice</option>' in page
        chosen = bob.get("/teams/acme/jobs/", {"workflow": workflow}).content.decode()
        assert f'<option value="{workflow}" selected>' in chosen
        assert row_in(chosen, job_id)
        assert not rows_in(bob.get("/teams/acme/jobs/", {"workflow": "other"}).content.decode())

    def test_times_are_utc_and_an_invalid_one_is_reported(self, bob: Client, job_id: str) -> None:
        created = job_json(bob, job_id)["created_at"][:16]
        assert job_id not in bob.get("/teams/acme/jobs/", {"before": created}).content.decode()
        answer = bob.get("/teams/acme/jobs/", {"before": "yesterday"})
        assert answer.status_code == 200
        assert "Enter a valid date/time." in answer.content.decode()
        assert row_in(answer.content.decode(), job_id)

    @pytest.mark.parametrize("name", ["after", "before"])
    @pytest.mark.parametrize("time", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
    def test_a_time_at_the_end_of_the_calendar_is_an_error(self, bob: Client, name: str, time: str) -> None:
        answer = bob.get("/teams/acme/jobs/", {name: time, "cause": "aeat-1109"})
        assert answer.status_code == 200
        assert "This is too far away." in answer.content.decode()

    def test_looking_back_ends_at_the_given_time(self, bob: Client, job_id: str, simulator: Simulator) -> None:
        created = job_json(bob, job_id)["created_at"][:16]
        simulator.requests.clear()
        page = bob.get("/teams/acme/jobs/", {"after": created}).content.decode()
        younger = rows_in(page)
        assert job_id in younger
        assert simulator.demo_jobs()[5][1] not in younger
        # Other tests' jobs may have no such time.
        assert min(job_json(bob, each).get("created_at", created) for each in younger) >= created
        assert "This is as far back as you asked." in page
        assert simulator.requests.count("/transform/v1/jobs") == 1
        assert not rows_in(bob.get("/teams/acme/jobs/", {"after": "2099-01-01T00:00"}).content.decode())

    def test_pages_follow_by_cursor_without_repeats(self, bob: Client) -> None:
        first = bob.get("/teams/acme/jobs/").content.decode()
        cursor = first.split("?cursor=")[1].split('"')[0]
        second = bob.get(f"/teams/acme/jobs/?cursor={cursor}", headers={"HX-Request": "true"}).content.decode()
        assert not rows_in(first) & rows_in(second)
        assert rows_in(second)


JOB_ID = "01a10b57-bee2-7cd4-9c8f-c9b91500a93e"


def listed(status: str, completed_at: str = "2026-11-28T10:00:00Z") -> Job:
    item = {"id": JOB_ID, "status": status, "created_at": "2026-11-28T09:00:00Z", "completed_at": completed_at}
    return job_list_payload.parse(json.dumps({"list": [item]}).encode()).items[0]


def row_outcome(job: Job, copy: Snapshot | None) -> tuple[Outcome, bool]:
    row = _row(UUID(JOB_ID), job, copy, "")
    return row.outcome, row.is_sure


@pytest.mark.parametrize(
    "copy",
    [Snapshot(outcome=Outcome.FAILING), Snapshot(outcome=Outcome.BETWEEN_STEPS, faults=1)],
    ids=["it was failing", "it had a fault"],
)
def test_a_failure_known_from_our_copy_stays_one(copy: Snapshot) -> None:
    assert row_outcome(listed("OK"), copy) == (Outcome.COMPLETED_FAULTS, False)


@pytest.mark.parametrize("copy", [None, Snapshot(outcome=Outcome.RUNNING)], ids=["no copy", "a copy without faults"])
def test_otherwise_the_list_is_trusted_and_marked_unsure(copy: Snapshot | None) -> None:
    assert row_outcome(listed("OK"), copy) == (Outcome.COMPLETED, False)


def test_a_copy_of_the_finished_job_takes_precedence() -> None:
    handled = Snapshot(outcome=Outcome.COMPLETED_HANDLED, faults=1, is_finished=True)
    assert row_outcome(listed("OK"), handled) == (Outcome.COMPLETED_HANDLED, True)


@pytest.mark.parametrize(("age", "label"), [(timedelta(days=1), "Retry overdue"), (-timedelta(days=1), "Retrying")])
def test_lists_call_a_retry_overdue(age: timedelta, label: str) -> None:
    copy = Snapshot(outcome=Outcome.RETRYING, overdue_at=timezone.now() - age)
    row = _row(UUID(JOB_ID), listed("ERR", ""), copy, "")
    context = {"team": Team(slug="acme"), "listing": Listing((row,), "", 1, None), "filters": Filters()}
    assert label in render_to_string("jobs/list/_newest_rows.html", context)


def test_a_cancelled_job_stays_cancelled() -> None:
    assert row_outcome(listed("CANCEL"), Snapshot(outcome=Outcome.FAILING)) == (Outcome.CANCELLED, False)


ROW = Row(
    job_id=UUID("01a10b57-bee2-7cd4-9c8f-c9b91500a93e"),
    created_at=None,
    duration=None,
    outcome=Outcome.RUNNING,
    is_sure=False,
    document="",
    workflow_id="w",
    workflow_name="",
    entry_id="",
)


CHANGED: dict[str, object] = {
    "job_id": UUID("01a10b57-bee2-7cd4-9c8f-c9b91500a93f"),
    "created_at": Moment("2026-10-06", None),
    "duration": timedelta(seconds=1),
    "outcome": Outcome.COMPLETED,
    "is_sure": True,
    "document": "accepted",
    "workflow_id": "x",
    "workflow_name": "Invoices",
    "entry_id": "e",
    "case": Overview("bob", 1),
    "sealed": Sealed("…", "record:1:2"),
    "failure": Failure("said-1", "", "", "No"),
    "overdue_at": datetime(2026, 10, 6, tzinfo=UTC),
    "is_document_cancelled": True,
}


def tag(row: Row) -> str:
    return Listing((row,), "", 1, None).tag


@pytest.mark.parametrize("name", [field.name for field in fields(Row)])
def test_every_column_changes_the_tag(name: str) -> None:
    assert tag(replace(ROW, **{name: CHANGED[name]})) != tag(ROW)  # type: ignore[arg-type]


def test_an_unchanged_row_keeps_its_tag() -> None:
    assert tag(replace(ROW)) == tag(ROW)


@pytest.mark.parametrize("template", ["_runs", "_runs with an envelope", "list"])
def test_head_and_rows_have_the_same_columns(template: str) -> None:
    context = {"team": Team(slug="acme"), "listing": Listing((ROW,), "", 1, None), "filters": Filters()}
    if "envelope" in template:
        context["compared_with"] = ROW.job_id
    name = template.partition(" ")[0]
    head = render_to_string("jobs/list/_head.html", context)
    rows = render_to_string("jobs/list/_newest_rows.html" if name == "list" else f"jobs/list/{name}.html", context)
    assert head.count("<th ") == rows.count("<td")


class TestCases:
    @pytest.fixture
    def held(self, stage: Stage, bob: Client, job_id: str) -> str:
        bob.get(f"/teams/acme/jobs/{job_id}/")
        claims.take(stage.acme, UUID(job_id), stage.bob, None, timezone.now())
        states.put(stage.acme, UUID(job_id), stage.bob, "customer", timezone.now())
        return job_id

    def test_a_row_has_holder_and_case_state(self, bob: Client, held: str) -> None:
        row = row_in(bob.get("/teams/acme/jobs/").content.decode(), held)
        assert "<bdi>bob</bdi>" in row
        assert "Waiting for the customer" in row

    @pytest.mark.parametrize(
        ("wanted", "is_shown"), [("mine", True), ("customer", True), ("unclaimed", False), ("done", False)]
    )
    def test_a_case_filters_the_list(self, bob: Client, held: str, wanted: str, is_shown: bool) -> None:
        rows = rows_in(bob.get("/teams/acme/jobs/", {"case": wanted}).content.decode())
        assert (held in rows) is is_shown

    def test_unclaimed_are_failures_without_a_holder(self, stage: Stage, bob: Client, simulator: Simulator) -> None:
        failed, fine = (simulator.start_job(story, speed=1e8) for story in ("es-no-tax-id", "es-accepted"))
        for job in (failed, fine):
            bob.get(f"/teams/acme/jobs/{job}/")
        rows = rows_in(bob.get("/teams/acme/jobs/", {"case": "unclaimed"}).content.decode())
        assert failed in rows
        assert fine not in rows
        claims.take(stage.acme, UUID(failed), stage.alice, None, timezone.now())
        assert failed not in rows_in(bob.get("/teams/acme/jobs/", {"case": "unclaimed"}).content.decode())
