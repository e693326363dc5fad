"""Reads weekly figures from the team's records."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, DurationField, ExpressionWrapper, F, Min, QuerySet
from django.db.models.functions import Substr

from jobs.failures import trends as pure
from jobs.failures.grouping import at
from jobs.failures.reading import Written
from jobs.models import JobRecord, Team

SUCCEEDED = ("completed", "completed_handled")
MOST = 50_000


def trends(team: Team, zone: ZoneInfo, now: datetime) -> pure.Trends:
    """The trends as far back as the records go, with two queries, plus two for each of a bounded number of weeks."""
    since = JobRecord.objects.filter(team=team).aggregate(since=Min("created_at"))["since"]
    if since is None:
        return pure.Trends()
    weeks = pure.mondays(min(since, now), now, zone)  # a job's time may be in the future
    first = pure.begin(weeks[0], zone)
    return pure.trends(weeks, _seen(team, first), dict(_medians(team, weeks, zone)), zone, since, now)


def _seen(team: Team, since: datetime) -> Iterator[pure.Seen]:
    """Ended failures without a later successful run, by hour."""
    rows = JobRecord.objects.filter(
        team=team, first_failed_at__gte=since, ended_at__isnull=False, mended_by__isnull=True
    ).exclude(cause="")
    counted = rows.annotate(hour=Substr(Written("first_failed_at"), 1, 13)).values("cause", "hour", "move")
    for cause, hour, move, count in (
        counted.annotate(n=Count("pk")).order_by().values_list("cause", "hour", "move", "n")[:MOST]
    ):
        yield pure.Seen(cause, at(hour), move, count)


def _medians(team: Team, weeks: list[date], zone: ZoneInfo) -> Iterator[tuple[date, timedelta]]:
    for week in weeks:
        rows = _successes(team, pure.begin(week, zone), pure.begin(week + timedelta(weeks=1), zone))
        count = rows.count()
        if count:
            yield week, rows[(count - 1) // 2].took


def _successes(team: Team, begin: datetime, end: datetime) -> "QuerySet[Any]":
    took = ExpressionWrapper(F("ended_at") - F("created_at"), output_field=DurationField())
    rows = JobRecord.objects.filter(team=team, outcome__in=SUCCEEDED, ended_at__gte=begin, ended_at__lt=end)
    return rows.exclude(created_at=None).annotate(took=took).only("pk").order_by("took", "pk")
