"""The failures page, and its JSON and CSV."""

import csv
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertNumQueries

from jobs import clock
from jobs.failures.incidents import MANY
from jobs.gobl.identity import Identity
from jobs.models import Case, CaseJob, JobRecord, Membership
from jobs.records import identities, sweep
from jobs.simulator.server import Simulator
from jobs.views import failures as view
from tests.conftest import Stage, give_token
from tests.failures.records import NO_ANSWER, TAX_ID, UNKNOWN, made, success
from tests.pages import assert_inert

FAILURES = "/teams/acme/failures/"
PART = {"HX-Request": "true"}


@pytest.fixture
def records(stage: Stage) -> list[JobRecord]:
    """Of the last minutes: two with one cause, one with another, one open, one mended, and another team's."""
    now = timezone.now()
    somebody = Identity("FS-26-001209", "Lucía Ferrándiz Gil", "1465.86", "EUR", "ES12345678Z")
    made(stage.elsewhere, now, identity=Identity("XX-1", "Somebody Else"), **UNKNOWN)
    return [
        made(stage.acme, now - timedelta(seconds=1), identity=somebody, **TAX_ID),
        made(stage.acme, now - timedelta(seconds=2), **TAX_ID),
        made(stage.acme, now - timedelta(seconds=3), **UNKNOWN | {"message": "=cmd <b>not known</b>"}),
        made(stage.acme, now - timedelta(seconds=4), is_open=True, **NO_ANSWER),
        made(stage.acme, now - timedelta(seconds=5), mended_by=uuid4(), **TAX_ID),
    ]


def test_failed_jobs_are_listed_with_causes(as_bob: Client, records: list[JobRecord]) -> None:
    page = as_bob.get(FAILURES, {"range": "24h"})
    assert_inert(page.content)
    text = page.content.decode()
    assert "A foreign tax id is not accepted" in text
    assert "You: contact the customer" in text
    assert "FS-26-001209 · Lucía Ferrándiz Gil · 1,465.86 EUR" in text
    assert f"/teams/acme/jobs/{records[0].job_id}/" in text
    assert "=cmd &lt;b&gt;not known&lt;/b&gt;" in text
    assert "Somebody Else" not in text
    assert page.context["page"].count == 3
    assert (page.context["page"].count_open, page.context["page"].count_mended) == (1, 1)


def test_a_document_that_was_sent_and_cancelled_is_called_cancelled(as_bob: Client, stage: Stage) -> None:
    made(stage.acme, timezone.now(), document="accepted", is_document_cancelled=True, **TAX_ID)
    text = as_bob.get(FAILURES).content.decode()
    assert "Cancelled</span>" in text
    assert "Accepted</span>" not in text


def test_one_cause_is_shown_with_all_its_jobs(as_bob: Client, records: list[JobRecord]) -> None:
    page = as_bob.get(FAILURES, {"range": "24h", "cause": "aeat-1109"})
    assert_inert(page.content)
    assert [row.job_id for row in page.context["jobs"]] == [records[at].job_id for at in (0, 1, 4)]
    assert "the run that succeeded" in page.content.decode()


def test_what_failed_today_is_two_pages_from_home_though_nobody_opened_a_job(
    as_bob: Client, stage: Stage, settings: Any
) -> None:
    """As on a fresh installation: home, Failures, and from there the job. Each names the customers of its jobs."""
    settings.SWEEP_A_MINUTE = 100_000
    as_bob.cookies["zone"] = f"Etc/GMT{-((34 - datetime.now(UTC).hour) % 24 - 12):+d}"  # where it is ten in the evening
    with Simulator(busy="de-live", jobs=15) as api:
        settings.INVOPOP_API_URL = api.url
        give_token(stage.acme, api, "de-live")
        while sweep.run(stage.acme, lambda: False) <= clock.now():
            pass
        home = as_bob.get("/teams/acme/").content.decode()
        failures = "".join(re.findall(r'<a href="(/teams/acme/failures/)"><span\s+class="figure tone-fault">\d', home))
        page = as_bob.get(failures)
        assert (page.context["page"].count, page.context["page"].count_mended) == (2, 1)
        for cause in page.context["page"].ended:
            assert all(said in page.content.decode() for said in (cause.title, str(cause.move)))
            assert all("Librería El Rincón" in job.identity for job in cause.jobs)
        assert as_bob.get(f"/teams/acme/jobs/{cause.jobs[0].job_id}/").status_code == 200


@pytest.mark.parametrize("start", ["x", "-1", "9" * 30, "1e3"])
def test_a_page_out_of_range_is_the_first_or_last(as_bob: Client, records: list[JobRecord], start: str) -> None:
    assert as_bob.get(FAILURES, {"cause": "aeat-1109", "start": start}).status_code == 200


def test_an_unchanged_live_part_has_no_body(as_bob: Client, stage: Stage, records: list[JobRecord]) -> None:
    address = f"{FAILURES}?range=24h"
    tag = as_bob.get(address).context["tag"]
    assert as_bob.get(address, headers=PART | {"HX-PTag": tag}).status_code == 204
    made(stage.acme, timezone.now(), **TAX_ID)
    news = as_bob.get(address, headers=PART | {"HX-PTag": tag})
    assert news.status_code == 200
    assert news.content.lstrip().startswith(b'<div id="failures"')


def test_every_change_shows_in_a_cached_row(as_bob: Client, stage: Stage, records: list[JobRecord]) -> None:
    now = timezone.now()

    def rows() -> Any:
        return as_bob.get(FAILURES, {"range": "24h"}).context["rows"]

    case = Case.objects.create(team=stage.acme, created_at=now, changed_at=now)
    CaseJob.objects.create(team=stage.acme, job_id=records[0].job_id, case=case)
    newest, mended = (JobRecord.objects.filter(pk=records[place].pk) for place in (0, 4))
    changes: list[Callable[[], object]] = [
        lambda: made(stage.acme, now - timedelta(seconds=9), **TAX_ID),
        lambda: made(stage.acme, now - timedelta(hours=3), **TAX_ID),
        lambda: made(stage.acme, now - timedelta(days=9), **UNKNOWN),
        lambda: newest.update(**identities.columns(Identity("FS-27"), records[0])),
        lambda: newest.update(outcome="completed"),
        lambda: newest.update(document="submitted"),
        lambda: newest.update(workflow_name="Credit notes"),
        lambda: newest.update(message="no [id]"),
        lambda: newest.update(rerun="danger"),
        lambda: mended.update(mended_by=uuid4()),
        lambda: Case.objects.update(holder=stage.alice),
        lambda: Case.objects.update(state=Case.State.DONE),
        lambda: as_bob.cookies.load({"language": "es"}),
    ]
    before = rows()
    for change in changes:
        change()
        after = rows()
        assert after != before, changes.index(change)
        view._rendered.clear()
        assert after == (before := rows())


def test_cached_rows_stay_within_their_budget(
    as_bob: Client, records: list[JobRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view._rendered, "capacity", 20_000)
    for minute in range(10):
        made(records[0].team, timezone.now() - timedelta(minutes=minute), **TAX_ID)
        page = as_bob.get(FAILURES, {"range": "24h"})
        assert all(row in page.content.decode() for rows in page.context["rows"].values() for row in rows)
    assert 0 < view._rendered.used <= 20_000


def test_rows_link_to_the_jobs_of_their_team(as_bob: Client, stage: Stage) -> None:
    """Two teams may have read the same job: of one workspace, with two API keys."""
    Membership.objects.create(team=stage.elsewhere, user=stage.bob)
    job_id, now = uuid4(), timezone.now()
    for team in (stage.acme, stage.elsewhere):
        record = made(team, now, **TAX_ID)
        JobRecord.objects.filter(pk=record.pk).update(job_id=job_id)
        page = as_bob.get(f"/teams/{team.slug}/failures/?range=24h").content.decode()
        assert f'href="{reverse("jobs:job", args=[team.slug, job_id])}"' in page


@pytest.mark.parametrize("query", ["range=24h", "range=24h&cause=aeat-1109"])
def test_five_queries_however_many_failures(as_bob: Client, stage: Stage, records: list[JobRecord], query: str) -> None:
    """The session with its person; the team with the membership and the key; incidents, how much has been read, and for
    a whole page its filters and saved views; the failures; the jobs that are listed. A poll asks the same."""
    address = f"{FAILURES}?{query}"
    for failures in (0, 40):
        for number in range(failures):
            made(stage.acme, timezone.now(), **TAX_ID | {"cause": f"said-{number}", "explanation": ""})
            made(stage.acme, timezone.now(), is_open=True, **NO_ANSWER)  # an incident
        as_bob.get(address)
        for headers in ({}, PART):
            with assertNumQueries(5):
                page = as_bob.get(address, headers=headers)
        with assertNumQueries(5):
            assert as_bob.get(address, headers=PART | {"HX-PTag": page.context["tag"]}).status_code == 204


def test_forty_causes_are_on_the_page_and_rarer_ones_in_the_file(as_bob: Client, stage: Stage) -> None:
    now = timezone.now()
    for number in range(42):
        for minutes in range(4 if number < 40 else 1):
            made(stage.acme, now - timedelta(seconds=minutes), **TAX_ID | {"cause": f"said-{number}"})
    page = as_bob.get(FAILURES, {"range": "24h"})
    assert_inert(page.content)
    assert page.content.count(b"cause-row") == 40
    assert "2 rarer causes are not listed here" in page.content.decode()
    assert (page.context["page"].count, page.context["page"].left_out) == (162, 2)
    assert len(as_bob.get("/teams/acme/failures.json", {"range": "24h"}).json()["causes"]) == 42


def test_today_follows_the_browsers_time_zone(as_bob: Client, records: list[JobRecord]) -> None:
    as_bob.cookies["zone"] = "Asia/Tokyo"
    assert b"Asia/Tokyo" in as_bob.get(FAILURES).content
    as_bob.cookies["zone"] = "<script>"
    assert b"(UTC)" in as_bob.get(FAILURES).content


def test_an_invalid_filter_is_reported_beside_its_field(as_bob: Client, records: list[JobRecord]) -> None:
    page = as_bob.get(FAILURES, {"from": "yesterday"})
    assert page.status_code == 200
    assert b"errorlist" in page.content


def test_a_page_without_failures_says_so(as_bob: Client, stage: Stage) -> None:
    success(stage.acme, timezone.now(), timedelta(seconds=1))
    page = as_bob.get(FAILURES)
    assert b"No failures" in page.content
    assert_inert(page.content)


class TestMachineTwins:
    def test_json_matches_the_page(self, as_bob: Client, records: list[JobRecord]) -> None:
        body = as_bob.get("/teams/acme/failures.json", {"range": "24h", "provider": "verifactu"}).json()
        assert (body["failed"], body["retrying"], body["mended"]) == (2, 1, 1)
        assert "Lucía" not in str(body)

    def test_json_reports_an_invalid_filter(self, as_bob: Client, stage: Stage) -> None:
        for twin in ("json", "csv"):
            answer = as_bob.get(f"/teams/acme/failures.{twin}", {"range": "fortnight"})
            assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
            assert (answer.json()["status"], answer.json()["error"]) == (400, "filter")
            assert "range" in answer.json()["detail"]

    def test_csv_holds_no_formula(self, as_bob: Client, records: list[JobRecord]) -> None:
        answer = as_bob.get("/teams/acme/failures.csv", {"range": "24h"})
        assert "attachment" in answer.headers["Content-Disposition"]
        rows = list(csv.DictReader(answer.content.decode().splitlines()))
        assert sum(int(row["count"]) for row in rows) == 5
        assert [row["title"] for row in rows if row["cause"] == "said-1"] == ["'=cmd <b>not known</b>"]


class TestTrends:
    def test_trends_are_shown_by_week_and_cause(self, as_bob: Client, records: list[JobRecord]) -> None:
        page = as_bob.get("/teams/acme/failures/trends/")
        assert_inert(page.content)
        assert "A foreign tax id is not accepted" in page.content.decode()
        assert sum(week.failed for week in page.context["page"].weeks) == 3

    def test_before_the_first_reading_nothing_is_known(self, as_bob: Client, stage: Stage) -> None:
        assert b"Nothing has been read yet" in as_bob.get("/teams/acme/failures/trends/").content


class TestIncidents:
    @pytest.fixture
    def down(self, stage: Stage) -> list[JobRecord]:
        now = timezone.now()
        return [made(stage.acme, now - timedelta(minutes=n), is_open=True, **NO_ANSWER) for n in range(MANY)]

    def test_incidents_are_on_the_page_home_and_their_jobs(
        self, as_bob: Client, stage: Stage, down: list[JobRecord]
    ) -> None:
        for address in (FAILURES, "/teams/acme/", f"/teams/acme/jobs/{down[0].job_id}/"):
            assert b"Not getting through to AEAT" in as_bob.get(address).content, address
        assert b"Not getting through" not in as_bob.get(f"/teams/acme/jobs/{uuid4()}/").content

    def test_json_includes_incidents(self, as_bob: Client, down: list[JobRecord]) -> None:
        (told,) = as_bob.get("/teams/acme/failures.json").json()["incidents"]
        assert (told["provider"], told["jobs"], told["to"]) == ("AEAT", MANY, None)


class TestHome:
    def test_todays_figures_link_to_the_failures(self, as_bob: Client, records: list[JobRecord]) -> None:
        page = as_bob.get("/teams/acme/")
        assert page.context["day"].retrying == 1
        assert b'href="/teams/acme/failures/"' in page.content

    def test_the_day_is_polled_without_a_body_while_it_shows_the_same(
        self, as_bob: Client, stage: Stage, records: list[JobRecord]
    ) -> None:
        tag = as_bob.get("/teams/acme/").context["day_tag"]
        with CaptureQueriesContext(connection) as asked:
            assert as_bob.get("/teams/acme/", headers=PART | {"HX-PTag": tag}).status_code == 204
        assert len(asked) == 3  # the session with its person, the team, the day
        made(stage.acme, timezone.now(), is_open=True, **NO_ANSWER)
        news = as_bob.get("/teams/acme/", headers=PART | {"HX-PTag": tag})
        assert news.content.lstrip().startswith(b'<section id="day"')
        assert news.context["day"].retrying == 2

    def test_an_unknown_day_fills_in_once_jobs_are_read(
        self, as_bob: Client, stage: Stage, simulator: Simulator
    ) -> None:
        """The card was absent, and nothing on an open page asked for it. Its place is kept; unread is no zero."""
        give_token(stage.acme, simulator)
        page = as_bob.get("/teams/acme/")
        assert re.findall(r'class="figure">([^<]+)<', page.text) == ["–", "–", "–"]
        tag = re.findall(r'"HX-PTag": "(\w+)"', page.text)[0]
        assert as_bob.get("/teams/acme/", headers=PART | {"HX-PTag": tag}).status_code == 204
        success(stage.acme, timezone.now(), timedelta(minutes=1))
        news = as_bob.get("/teams/acme/", headers=PART | {"HX-PTag": tag})
        assert re.findall(r'class="figure">([^<]+)<', news.text) == ["0", "0", "0"]

    def test_a_team_without_a_key_has_no_day(self, as_bob: Client, stage: Stage) -> None:
        assert b"day-title" not in as_bob.get("/teams/acme/").content


@pytest.mark.parametrize("address", ["failures/", "failures/trends/", "failures.json", "failures.csv"])
def test_failures_are_read_only_and_for_members(as_bob: Client, records: list[JobRecord], address: str) -> None:
    assert as_bob.get(f"/teams/acme/{address}").status_code == 200
    assert as_bob.post(f"/teams/acme/{address}").status_code == 405
    assert as_bob.get(f"/teams/elsewhere/{address}").status_code == 404
    answer: Any = Client().get(f"/teams/acme/{address}")
    assert answer.status_code in {302, 401}


class TestCaseHolders:
    @pytest.fixture
    def held(self, stage: Stage, records: list[JobRecord]) -> JobRecord:
        now = timezone.now()
        case = Case.objects.create(team=stage.acme, holder=stage.alice, created_at=now, changed_at=now)
        CaseJob.objects.create(team=stage.acme, job_id=records[0].job_id, case=case)
        return records[0]

    def test_the_holder_is_counted_and_named(self, as_bob: Client, held: JobRecord) -> None:
        page = as_bob.get(FAILURES, {"range": "24h"})
        assert "1 in somebody’s hands" in page.content.decode()
        assert page.context["page"].ended[0].held == 1
        assert page.context["page"].ended[0].jobs[0].case.holder == "alice"

    @pytest.mark.parametrize(
        ("asked", "count"), [("holder=alice", 1), ("holder=nobody", 2), ("case=open", 1), ("case=done", 0)]
    )
    def test_failures_are_filtered_by_holder(self, as_bob: Client, held: JobRecord, asked: str, count: int) -> None:
        page = as_bob.get(f"{FAILURES}?range=24h&{asked}")
        assert page.context["page"].count == count
