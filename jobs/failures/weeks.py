"""Reads weekly figures from the team's records."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, DurationField, ExpressionWrapper, F, Min, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber, Substr

from jobs.failures import trends as pure
from jobs.failures.grouping import at
from jobs.failures.reading import Written
from jobs.models import JobRecord, Team

SUCCEEDED = ("completed", "completed_handled")
MOST = 50_000


def trends(team: Team, zone: ZoneInfo, now: datetime) -> pure.Trends:
    """The trends as far back as the records go, with three queries."""
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
    """For each week with successes the middle one of their times."""
    begins = [pure.begin(week, zone) for week in (*weeks, weeks[-1] + timedelta(weeks=1))]
    week = Case(*(When(ended_at__lt=end, then=Value(number)) for number, end in enumerate(begins[1:])))
    took = ExpressionWrapper(F("ended_at") - F("created_at"), output_field=DurationField())
    rows = JobRecord.objects.filter(
        team=team, outcome__in=SUCCEEDED, created_at__isnull=False, ended_at__gte=begins[0], ended_at__lt=begins[-1]
    ).annotate(week=week)
    ranked = rows.annotate(
        rank=Window(RowNumber(), partition_by="week", order_by=took),
        successes=Window(Count("pk"), partition_by="week"),
    )
    middle: QuerySet[Any] = ranked.filter(rank=(F("successes") + 1) / 2)
    for number, created_at, ended_at in middle.values_list("week", "created_at", "ended_at"):
        yield weeks[number], ended_at - created_at
