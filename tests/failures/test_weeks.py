"""Trends from records."""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone
from pytest_django.asserts import assertNumQueries

from jobs.failures import weeks
from jobs.failures.ranges import zone
from tests.conftest import Stage
from tests.failures.records import NO_ANSWER, TAX_ID, made, success

NOW = timezone.now()
UTC = zone("UTC")


def test_nothing_is_known_before_the_first_reading(stage: Stage) -> None:
    assert weeks.trends(stage.acme, UTC, NOW).weeks == ()


def test_unfixed_final_failures_and_median_success_time_are_counted(stage: Stage) -> None:
    made(stage.acme, NOW - timedelta(minutes=5), **TAX_ID)
    made(stage.acme, NOW - timedelta(minutes=5), mended_by=uuid4(), **TAX_ID)
    made(stage.acme, NOW - timedelta(minutes=5), is_open=True, **NO_ANSWER)
    for seconds in (10, 20, 90):
        success(stage.acme, NOW, timedelta(seconds=seconds))
    success(stage.elsewhere, NOW, timedelta(hours=9))
    found = weeks.trends(stage.acme, UTC, NOW + timedelta(seconds=1))
    last = found.weeks[-1]
    assert (last.failed, last.by_hand, last.to_success) == (1, 1, timedelta(seconds=20))
    assert [(row.cause, row.total) for row in found.causes] == [("aeat-1109", 1)]


def test_each_week_has_its_own_median_from_the_same_queries(stage: Stage) -> None:
    for week, seconds in enumerate(([10], [20, 30], [], [60, 40, 50])):
        for each in seconds:
            success(stage.acme, NOW - timedelta(weeks=week), timedelta(seconds=each))
    with assertNumQueries(3):
        found = weeks.trends(stage.acme, UTC, NOW + timedelta(seconds=1))
    medians = [week.to_success.total_seconds() if week.to_success else None for week in found.weeks]
    assert medians[-4:] == [50, None, 20, 10]


def test_a_job_with_a_future_time_breaks_no_page(stage: Stage) -> None:
    made(stage.acme, NOW - timedelta(minutes=5), created_at=NOW + timedelta(days=30), **TAX_ID)
    assert [week.failed for week in weeks.trends(stage.acme, UTC, NOW + timedelta(seconds=1)).weeks] == [1]
