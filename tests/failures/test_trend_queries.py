"""Trends from records."""

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django.asserts import assertNumQueries

from jobs.failures import trend_queries, trends
from jobs.failures.ranges import zone
from jobs.models import JobRecord
from tests.conftest import Stage
from tests.failures.records import NO_ANSWER, TAX_ID, made, success

NOW = timezone.now()
UTC = zone("UTC")


def test_nothing_is_known_before_the_first_reading(stage: Stage) -> None:
    assert trend_queries.trends(stage.acme, UTC, NOW).weeks == ()


def test_unfixed_final_failures_and_median_success_time_are_counted(stage: Stage) -> None:
    made(stage.acme, NOW - timedelta(minutes=5), **TAX_ID)
    made(stage.acme, NOW - timedelta(minutes=5), mended_by=uuid4(), **TAX_ID)
    made(stage.acme, NOW - timedelta(minutes=5), is_open=True, **NO_ANSWER)
    for seconds in (10, 20, 90):
        success(stage.acme, NOW, timedelta(seconds=seconds))
    success(stage.elsewhere, NOW, timedelta(hours=9))
    found = trend_queries.trends(stage.acme, UTC, NOW + timedelta(seconds=1))
    last = found.weeks[-1]
    assert (last.failed, last.by_hand, last.to_success) == (1, 1, timedelta(seconds=20))
    assert [(row.cause, row.total) for row in found.causes] == [("aeat-1109", 1)]


def test_each_week_has_its_own_median_from_the_same_queries(stage: Stage) -> None:
    for week, seconds in enumerate(([10], [20, 30], [], [60, 40, 50])):
        for each in seconds:
            success(stage.acme, NOW - timedelta(weeks=week), timedelta(seconds=each))
    with assertNumQueries(3):
        found = trend_queries.trends(stage.acme, UTC, NOW + timedelta(seconds=1))
    medians = [week.to_success.total_seconds() if week.to_success else None for week in found.weeks]
    assert medians[-4:] == [50, None, 20, 10]


def test_a_job_with_a_future_time_breaks_no_page(stage: Stage) -> None:
    made(stage.acme, NOW - timedelta(minutes=5), created_at=NOW + timedelta(days=30), **TAX_ID)
    assert [week.failed for week in trend_queries.trends(stage.acme, UTC, NOW + timedelta(seconds=1)).weeks] == [1]


@pytest.mark.parametrize("seed", range(6))
def test_every_week_is_that_of_a_plain_count(stage: Stage, seed: int) -> None:
    """Clocks change in some of them, and in some zones a week begins within an hour of UTC."""
    chance = Random(seed)
    now = datetime(2026, chance.choice([4, 11]), 20, 9, 17, tzinfo=UTC)
    where = zone(("Europe/Madrid", "Australia/Lord_Howe", "Asia/Kolkata", "Asia/Kathmandu")[seed % 4])
    (monday, *_) = trends.mondays(now, now, where)
    for team in (stage.acme, stage.elsewhere):
        for _ in range(80):
            at = now - timedelta(minutes=chance.randrange(120_000))
            success(team, at, timedelta(seconds=chance.choice([1, 5, 60.5, 9000])))
            near = trends.begin(monday, where) + timedelta(minutes=chance.randrange(-60, 60))
            made(team, chance.choice([at, near]), mended_by=chance.choice([None, None, uuid4()]), **TAX_ID)
    records: list[Any] = list(JobRecord.objects.filter(team=stage.acme))
    for week in trend_queries.trends(stage.acme, where, now).weeks:
        ended = [each for each in records if each.ended_at and trends.monday(each.ended_at, where) == week.begin]
        took = sorted(each.ended_at - each.created_at for each in ended if not each.cause)
        failed = [each for each in records if each.first_failed_at and not each.mended_by]
        assert week.failed == sum(trends.monday(each.first_failed_at, where) == week.begin for each in failed)
        assert week.to_success == (took[(len(took) - 1) // 2] if took else None)
