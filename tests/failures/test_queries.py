"""Failures, counted by a real database."""

import sys
from collections import Counter
from dataclasses import fields, replace
from datetime import datetime, timedelta
from random import Random
from types import FrameType
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs.diagnosis.advice import of_overdue_retry
from jobs.diagnosis.outcome import Document
from jobs.failures import queries, ranges
from jobs.failures.filters import Filters
from jobs.gobl.identity import Identity
from jobs.models import JobRecord, Team
from jobs.presenters import failures as presented
from tests.conftest import Stage
from tests.failures.records import NO_ANSWER, TAX_ID, UNKNOWN, made, success

UTC = ranges.zone("UTC")
NOW = timezone.now().replace(microsecond=0)
DAY = Filters(ranges.span("24h", NOW, UTC))


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


@pytest.fixture
def acme(stage: Stage) -> Team:
    return stage.acme


def test_causes_are_counted_with_open_and_fixed_separately(acme: Team) -> None:
    for minutes in (5, 65, 125):
        made(acme, ago(minutes), **TAX_ID)
    made(acme, ago(10), is_open=True, **NO_ANSWER)
    made(acme, ago(20), mended_by=uuid4(), **TAX_ID)
    success(acme, ago(30), timedelta(minutes=1))
    found = queries.failures(acme, DAY)
    assert [(cause.key, cause.count) for cause in found.ended] == [("aeat-1109", 3)]
    assert (found.count, found.count_open, found.count_mended) == (3, 1, 1)
    assert (found.ended[0].first, found.ended[0].last) == (ago(125), ago(5))


def test_open_failures_count_however_old_they_are(acme: Team) -> None:
    made(acme, ago(3 * 1440), is_open=True, **NO_ANSWER)
    made(acme, ago(3 * 1440), **TAX_ID)
    found = queries.failures(acme, DAY)
    assert (found.count, found.count_open) == (0, 1)


def test_a_job_that_gave_up_today_failed_today(acme: Team) -> None:
    retried_since = ago(3 * 1440)
    made(acme, retried_since, ended_at=ago(30), **NO_ANSWER)
    made(acme, retried_since, ended_at=ago(2 * 1440), **TAX_ID)
    found = queries.failures(acme, DAY)
    assert [cause.key for cause in found.ended] == ["connection-timeout"]
    assert (found.ended[0].first, found.ended[0].bars[DAY.span.place(ago(30))]) == (ago(30), 1)
    assert found.ended[0].jobs[0].failed_at == retried_since


@pytest.mark.parametrize("seed", range(20))
def test_any_records_are_counted_as_one_by_one(acme: Team, seed: int) -> None:
    random = Random(seed)
    begin, end = ago(1440), ago(0)
    edges = [edge + timedelta(minutes=minutes) for edge in (begin, end) for minutes in (-90, -1, 0, 1, 90)]
    filters = Filters(ranges.span("own", NOW, UTC, begin, end))
    counted: Counter[tuple[str, str]] = Counter()
    for _ in range(30):
        first, cause = random.choice(edges), random.choice((TAX_ID, NO_ANSWER, UNKNOWN))
        ended = random.choice([None, *(edge for edge in edges if edge >= first)])
        mended = random.choice((None, None, uuid4()))
        made(acme, first, ended_at=ended, mended_by=mended, **cause)
        is_in_range = begin <= first < end or (first < end and ended is not None and begin <= ended < end)
        if is_in_range or (first < end and ended is None and mended is None):
            counted[cause["cause"], "mended" if mended else "ended" if ended else "open"] += 1
    found = queries.failures(acme, filters)
    causes = [*found.ended, *found.open, *found.mended]
    assert {(cause.key, cause.state): cause.count for cause in causes} == counted
    assert all(sum(cause.bars) == cause.count and cause.first <= cause.last for cause in causes)
    assert (found.count, found.count_open) == tuple(
        sum(count for (_, state), count in counted.items() if state == wanted) for wanted in ("ended", "open")
    )


def test_an_overdue_retry_is_no_longer_waiting(acme: Team) -> None:
    of_retry = NO_ANSWER | {"outcome": "retrying", "owner": "wait", "move": "wait", "rerun": "by-itself"}
    made(acme, ago(3 * 1440), is_open=True, overdue_at=ago(1), **of_retry)
    overdue = queries.failures(acme, DAY)
    assert [(cause.owner, cause.move, cause.rerun) for cause in overdue.open] == [("invopop", "ask_support", "danger")]
    assert overdue.open[0].jobs[0].is_retry_overdue
    JobRecord.objects.update(document="not_applicable")
    assert [cause.rerun for cause in queries.failures(acme, DAY).open] == [""]
    JobRecord.objects.update(overdue_at=NOW + timedelta(hours=1))
    assert [cause.owner for cause in queries.failures(acme, DAY).open] == ["wait"]


def test_an_overdue_retry_has_the_same_advice_as_in_a_diagnosis(acme: Team) -> None:
    for document in Document:
        of_retry = NO_ANSWER | {"cause": str(document), "outcome": "retrying", "rerun": "by-itself"}
        made(acme, ago(90), is_open=True, overdue_at=ago(1), document=document, **of_retry)
    shown = {cause.key: (cause.move, cause.owner, cause.rerun) for cause in queries.failures(acme, DAY).open}
    advice = {str(document): of_overdue_retry(document) for document in Document}
    assert shown == {document: (said.move, said.owner, said.rerun or "") for document, said in advice.items()}


def test_filters_narrow_the_result(acme: Team) -> None:
    made(acme, ago(5), workflow_id="w2", workflow_name="Credit notes", **TAX_ID)
    made(acme, ago(6), **UNKNOWN)
    assert queries.failures(acme, Filters(DAY.span, workflow="w2")).count == 1
    assert queries.failures(acme, Filters(DAY.span, provider="verifactu")).count == 1
    assert queries.failures(acme, Filters(DAY.span, provider="verifactu.send")).count == 1
    assert queries.failures(acme, Filters(DAY.span, provider="veri")).count == 0
    assert queries.failures(acme, Filters(DAY.span, cause="said-1")).count == 1


@pytest.mark.parametrize("name", [field.name for field in fields(Filters) if field.name != "span"])
def test_nothing_is_left_by_a_filter_that_nothing_matches(acme: Team, name: str) -> None:
    made(acme, ago(5), **TAX_ID)
    assert queries.failures(acme, DAY).count == 1
    assert queries.failures(acme, replace(DAY, **{name: "no such"})).count == 0


def test_a_cause_is_new_if_the_team_first_met_it_in_this_range(acme: Team) -> None:
    made(acme, ago(5 * 1440), **TAX_ID)
    made(acme, ago(5), **TAX_ID)
    made(acme, ago(6), **UNKNOWN)
    assert {cause.key: cause.is_new for cause in queries.failures(acme, DAY).ended} == {
        "aeat-1109": False, "said-1": True,
    }  # fmt: skip


def test_nothing_is_new_when_records_begin_in_this_range(acme: Team) -> None:
    made(acme, ago(6), **UNKNOWN)
    assert queries.failures(acme, DAY).new == 0


def test_another_teams_failures_are_excluded(stage: Stage) -> None:
    made(stage.elsewhere, ago(5), **TAX_ID)
    assert queries.failures(stage.acme, DAY).count == 0
    assert queries.named(stage.acme, ["aeat-1109"]) == []


def test_jobs_are_paged_newest_first(acme: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "JOBS_A_PAGE", 2)
    rows = [made(acme, ago(minutes), **TAX_ID).job_id for minutes in (1, 2, 3, 4)]
    of_one_cause = Filters(DAY.span, cause="aeat-1109")
    listed = [[line.job_id for line in queries.failures(acme, of_one_cause, start).listed] for start in (0, 2, 4)]
    assert listed == [rows[:3], rows[2:], []]  # two on a page, and one more if there are more


def test_rare_causes_are_unlisted_but_counted(acme: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST_CAUSES", 1)
    for minutes in (1, 2):
        made(acme, ago(minutes), **TAX_ID)
    made(acme, ago(3), **UNKNOWN)
    found = queries.failures(acme, DAY)
    assert (len(found.ended), found.left_out, found.count) == (1, 1, 3)


def test_ten_thousand_records_take_the_queries_and_calls_of_a_thousand(acme: Team) -> None:
    """The database groups records, so that Python's work grows with the causes and not with the records."""
    chance = Random(4)
    JobRecord.objects.bulk_create([_one_of_many(acme, chance) for _ in range(1_000)], batch_size=500)
    _queries_and_calls(acme, 1_000)  # reads translations
    few = _queries_and_calls(acme, 1_000)
    JobRecord.objects.bulk_create([_one_of_many(acme, chance) for _ in range(9_000)], batch_size=500)
    many = _queries_and_calls(acme, 10_000)
    assert many[0] == few[0]
    assert many[1] < 2 * few[1]  # each row is read by one call


def _queries_and_calls(team: Team, records: int) -> tuple[int, int]:
    """Of the database, and of Python functions, that the page of a day's failures takes."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    with CaptureQueriesContext(connection) as captured:
        sys.setprofile(count)
        try:
            found = queries.failures(team, DAY)
            presented.page(found, DAY, "en")
        finally:
            sys.setprofile(None)
    assert found.count + found.count_open + found.count_mended == records
    return len(captured), calls


def _one_of_many(team: Team, chance: Random) -> JobRecord:
    number = chance.randrange(40)
    at = NOW - timedelta(seconds=chance.randrange(80_000))
    return JobRecord(
        team=team, job_id=uuid4(), cause=f"said-{number}", failed_provider=f"verifactu.{number % 7}", message="No",
        outcome="completed_faults", document="rejected", first_failed_at=at, created_at=at, read_at=at, rerun="helps",
        ended_at=at if number % 5 else None, mended_by=uuid4() if number == 3 else None,
    )  # fmt: skip


def test_only_the_newest_jobs_of_a_cause_are_read_whole(acme: Team) -> None:
    for minutes in range(1, 9):
        made(acme, ago(minutes), identity=Identity("FS-1", "Lucía Ferrándiz Gil"), **TAX_ID)
    (cause,) = queries.failures(acme, DAY).ended
    assert [job.sealed.identity.number for job in cause.jobs] == ["FS-1"] * queries.JOBS_SHOWN
