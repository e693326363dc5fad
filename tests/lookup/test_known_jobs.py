"""The list of fully read jobs: by outcome, document, cause, provider, customer, tag and case."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from jobs.gobl.identity import Identity
from jobs.lookup import known_jobs
from jobs.lookup.job_list import MINE, PAGE, UNCLAIMED, Filters
from jobs.models import Case, JobRecord
from tests.conftest import Stage
from tests.failures.records import TAX_ID, UNKNOWN, made, success

NOW = timezone.now()
LUCIA = Identity("FS-1", "Lucía Ferrándiz Gil", "1465.86", "EUR", "ES 12345678Z")


@pytest.fixture
def records(stage: Stage) -> dict[str, JobRecord]:
    def at(minutes: int) -> Any:
        return NOW - timedelta(minutes=minutes)

    made(stage.elsewhere, at(1), identity=LUCIA, tags=["urgent"], **TAX_ID)
    return {
        "lucia": made(stage.acme, at(1), identity=LUCIA, tags=["urgent", "año"], provider="verifactu.send", **TAX_ID),
        "lucia too": success(stage.acme, at(2), timedelta(seconds=5), workflow_id="w2"),
        "unknown": made(stage.acme, at(3), provider="peppol.send", entry_id="e", **UNKNOWN | {"document": "not_sent"}),
    }


def found(stage: Stage, **wanted: Any) -> list[JobRecord]:
    rows = known_jobs.listing(stage.acme, "", Filters(**wanted), stage.alice).rows
    return [JobRecord.objects.get(team=stage.acme, job_id=row.job_id) for row in rows]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({}, ["lucia", "lucia too", "unknown"]), ({"group": "failed"}, ["lucia", "unknown"]),
        ({"workflow_id": "w2"}, ["lucia too"]), ({"document": "not_sent"}, ["unknown"]),
        ({"cause": "said-1"}, ["unknown"]),
        ({"provider": "verifactu"}, ["lucia"]), ({"provider": "veri"}, []), ({"tag": "urgent"}, ["lucia"]),
        ({"tag": "año"}, ["lucia"]), ({"tag": "urg"}, []),
        ({"after": NOW - timedelta(minutes=3)}, ["lucia", "lucia too"]),
        ({"before": NOW - timedelta(minutes=3)}, ["unknown"]), ({"customer_of": uuid4()}, []),
    ],
)  # fmt: skip
def test_filters_find_matching_records(
    stage: Stage, records: dict[str, JobRecord], wanted: dict[str, Any], names: list[str]
) -> None:
    assert found(stage, **wanted) == [records[name] for name in names]


def test_a_customer_is_named_by_one_of_their_jobs(stage: Stage, records: dict[str, JobRecord]) -> None:
    other = made(stage.acme, NOW - timedelta(minutes=9), identity=LUCIA, **UNKNOWN)
    assert known_jobs.customer(stage.acme, "LUCIA ferrandiz gil") == records["lucia"].job_id
    assert known_jobs.customer(stage.acme, "Somebody Else") is None
    assert known_jobs.customer_name(stage.acme, other.job_id) == "Lucía Ferrándiz Gil"
    assert found(stage, customer_of=other.job_id) == [records["lucia"], other]
    assert found(stage, customer_of=records["unknown"].job_id) == [records["unknown"]]


def test_jobs_are_filtered_by_case(stage: Stage, records: dict[str, JobRecord]) -> None:
    Case.objects.create(
        team=stage.acme, entry_id="e", holder=stage.alice, state="customer", created_at=NOW, changed_at=NOW
    )
    assert found(stage, case=MINE) == found(stage, case="customer") == [records["unknown"]]
    assert found(stage, case=UNCLAIMED) == [records["lucia"]]


def test_jobs_are_paged(stage: Stage) -> None:
    every = [made(stage.acme, NOW - timedelta(minutes=number), **TAX_ID).job_id for number in range(PAGE + 3)]
    first = known_jobs.listing(stage.acme, "", Filters(), stage.alice)
    second = known_jobs.listing(stage.acme, first.next_cursor, Filters(), stage.alice)
    assert [row.job_id for row in (*first.rows, *second.rows)] == every
    assert second.next_cursor == ""
    assert known_jobs.listing(stage.acme, first.next_cursor + "x", Filters(), stage.alice).rows == first.rows
    assert known_jobs.listing(stage.elsewhere, first.next_cursor, Filters(), stage.alice).rows == ()


def test_a_workflow_has_its_name_where_nobody_opened_its_jobs(stage: Stage, records: dict[str, JobRecord]) -> None:
    listing = known_jobs.listing(stage.acme, "", Filters(workflow_id="w2"), stage.alice, {"w2": "Send invoice"})
    assert [row.workflow_name for row in listing.rows] == ["Send invoice"]


class TestThePage:
    def test_the_page_shows_cause_and_document_and_marks_unknowns(
        self, as_bob: Client, records: dict[str, JobRecord]
    ) -> None:
        page = as_bob.get("/teams/acme/jobs/", {"cause": "aeat-1109"}).content.decode()
        assert "A foreign tax id is not accepted" in page
        assert "FS-1 · Lucía Ferrándiz Gil · 1,465.86 EUR" in strip_tags(page)
        assert "only jobs that have been read here" in page
        assert str(records["unknown"].job_id) not in page

    def test_an_empty_list_counts_nothing(self, as_bob: Client, records: dict[str, JobRecord]) -> None:
        page = as_bob.get("/teams/acme/jobs/", {"provider": "nobody"}).content.decode()
        assert "No jobs here." in page
        assert "only jobs that have been read here" in page
        assert "jobs listed" not in page

    def test_a_typed_name_is_not_in_the_address(self, as_bob: Client, records: dict[str, JobRecord]) -> None:
        answer = as_bob.post("/teams/acme/jobs/", {"customer": "Lucía Ferrándiz Gil"})
        assert answer.headers["Location"] == f"/teams/acme/jobs/?customer_of={records['lucia'].job_id}"
        assert "Lucía Ferrándiz Gil" in as_bob.get(answer.headers["Location"]).content.decode()

    def test_an_unknown_customer_has_no_jobs(self, as_bob: Client, stage: Stage) -> None:
        page = as_bob.post("/teams/acme/jobs/", {"customer": "Nobody & Sons"}).content.decode()
        assert "No job that was read here" in page
        assert 'name="customer" value="Nobody &amp; Sons"' in page  # to be corrected, not typed again


class TestMachineTwins:
    def test_json_and_csv_match_the_page(self, as_bob: Client, records: dict[str, JobRecord]) -> None:
        (job,) = as_bob.get("/teams/acme/jobs.json", {"cause": "aeat-1109"}).json()["jobs"]
        assert (job["id"], job["customer"], job["sure"]) == (str(records["lucia"].job_id), "Lucía Ferrándiz Gil", True)
        lines = as_bob.get("/teams/acme/jobs.csv", {"cause": "aeat-1109"}).content.decode().splitlines()
        assert len(lines) == 2
        assert lines[1].startswith(job["id"])

    def test_an_invalid_filter_is_reported(self, as_bob: Client, stage: Stage) -> None:
        answer = as_bob.get("/teams/acme/jobs.json", {"outcome": "purple"})
        assert (answer.status_code, answer.json()["error"]) == (400, "filter")

    def test_a_cursor_of_another_list_is_reported(
        self, as_bob: Client, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """On the page it is the first page; a script that follows `next` would read the list forever."""
        monkeypatch.setattr(known_jobs, "PAGE", 1)
        for minutes in range(2):
            made(stage.acme, NOW - timedelta(minutes=minutes), **TAX_ID)
        own = known_jobs.listing(stage.acme, "", Filters(cause="aeat-1109"), stage.alice).next_cursor
        for given in ({"cursor": "x"}, {"cursor": own}, {"cursor": f"{own}x", "cause": "aeat-1109"}):
            answer = as_bob.get("/teams/acme/jobs.json", given)
            assert (answer.status_code, answer.json()["error"]) == (400, "filter")
        assert as_bob.get("/teams/acme/jobs.json", {"cursor": own, "cause": "aeat-1109"}).status_code == 200

    def test_without_the_api_the_list_is_a_503(self, as_bob: Client, stage: Stage) -> None:
        answer = as_bob.get("/teams/acme/jobs.json")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
