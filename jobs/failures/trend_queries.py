"""Reads weekly figures from the team's records."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, DurationField, ExpressionWrapper, F, Min, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber

from jobs.failures import trends as rules
from jobs.models import JobRecord, Team

SUCCEEDED = ("completed", "completed_handled")
MOST = 50_000


def trends(team: Team, zone: ZoneInfo, now: datetime) -> rules.Trends:
    """The trends as far back as the records go, with three queries."""
    since = JobRecord.objects.filter(team=team).aggregate(since=Min("created_at"))["since"]
    if since is None:
        return rules.Trends()
    weeks = rules.mondays(min(since, now), now, zone)  # a job's time may be in the future
    begins = [rules.begin(week, zone) for week in (*weeks, weeks[-1] + timedelta(weeks=1))]
    return rules.trends(weeks, _seen(team, begins), dict(_medians(team, weeks, begins)), zone, since, now)


def _seen(team: Team, begins: list[datetime]) -> Iterator[rules.Seen]:
    """Ended failures without a later successful run, by week."""
    rows = JobRecord.objects.filter(
        team=team, first_failed_at__gte=begins[0], first_failed_at__lt=begins[-1], ended_at__isnull=False,
        mended_by__isnull=True,
    ).exclude(cause="")  # fmt: skip
    counted = rows.annotate(week=_week("first_failed_at", begins)).values("cause", "week", "move")
    for cause, week, move, count in (
        counted.annotate(n=Count("pk")).order_by().values_list("cause", "week", "move", "n")[:MOST]
    ):
        yield rules.Seen(cause, begins[week], move, count)


def _week(column: str, begins: list[datetime]) -> Case:
    """The index of the week that contains a time."""
    return Case(*(When(**{f"{column}__lt": end}, then=Value(number)) for number, end in enumerate(begins[1:])))


def _medians(team: Team, weeks: list[date], begins: list[datetime]) -> Iterator[tuple[date, timedelta]]:
    """The median time to success of each week with successes."""
    took = ExpressionWrapper(F("ended_at") - F("created_at"), output_field=DurationField())
    rows = JobRecord.objects.filter(
        team=team, outcome__in=SUCCEEDED, created_at__isnull=False, ended_at__gte=begins[0], ended_at__lt=begins[-1]
    ).annotate(week=_week("ended_at", begins))
    ranked = rows.annotate(
        rank=Window(RowNumber(), partition_by="week", order_by=took),
        successes=Window(Count("pk"), partition_by="week"),
    )
    middle: QuerySet[Any] = ranked.filter(rank=(F("successes") + 1) / 2)
    for number, created_at, ended_at in middle.values_list("week", "created_at", "ended_at"):
        yield weeks[number], ended_at - created_at
