"""The team's current day."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs.failures import queries, ranges
from jobs.failures.filters import Filters
from jobs.failures.incidents import MANY
from jobs.failures.ranges import zone
from jobs.failures.today import today
from tests.conftest import Stage
from tests.failures.records import NO_ANSWER, TAX_ID, made, success

UTC = zone("UTC")


def test_the_days_figures_are_counted(stage: Stage) -> None:
    now = timezone.now().replace(hour=12)
    made(stage.acme, now - timedelta(minutes=5), **TAX_ID)
    made(stage.acme, now - timedelta(days=2), **TAX_ID)
    for _ in range(MANY):
        made(stage.acme, now - timedelta(minutes=5), is_open=True, **NO_ANSWER)
    success(stage.acme, now, timedelta(), outcome="waiting", ended_at=None, overdue_at=now - timedelta(minutes=1))
    made(stage.elsewhere, now, **TAX_ID)
    found = today(stage.acme, UTC, now)
    assert (found.failed, found.retrying, found.overdue, len(found.incidents)) == (1, MANY, 1, 1)
    assert found.is_known


def test_its_figures_are_those_of_the_failures_page(stage: Stage) -> None:
    now = timezone.now()
    begin = ranges.span(ranges.TODAY, now, UTC).begin
    for at in (now, begin, begin - timedelta(seconds=1), begin - timedelta(minutes=2)):
        made(stage.acme, at, **TAX_ID)
        made(stage.acme, at, is_open=True, **NO_ANSWER)
        made(stage.acme, at, mended_by=uuid4(), **TAX_ID)
    found = today(stage.acme, UTC, now)
    page = queries.failures(stage.acme, Filters(ranges.span(ranges.TODAY, now, UTC)))
    assert found.failed == sum(cause.count for cause in page.ended) == 3
    assert found.retrying == sum(cause.count for cause in page.open) == 4


def test_nothing_is_known_before_the_first_reading(stage: Stage) -> None:
    found = today(stage.acme, UTC, timezone.now())
    assert found.is_quiet
    assert not found.is_known


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL knows that `<>` and `NOT =` are the same")
def test_failures_are_found_by_their_index(stage: Stage) -> None:
    """Not by reading all that is known of a team."""
    with CaptureQueriesContext(connection) as asked:
        today(stage.acme, UTC, timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked[0]['sql']}")
        plan = [step for *_, step in cursor.fetchall() if "jobs_jobrecord" in step]
    assert sum("record_by_failure" in step for step in plan) == 3, plan  # signs, failed, retrying
    assert sum("record_by_end" in step for step in plan) == 3, plan  # signs, gave up
