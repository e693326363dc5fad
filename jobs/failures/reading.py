"""The failures of a team, counted by the database in a constant number of queries."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, Count, Func, Max, Min, Q, QuerySet, Value, When

from jobs.cases import narrowing
from jobs.failures import grouping
from jobs.failures.filters import Filters
from jobs.failures.grouping import ENDED, MENDED, OPEN, Failures, JobLine
from jobs.models import JobRecord, Team

MOST = 50_000  # failures that are counted for one page, the newest
MOST_CAUSES = 200  # that are listed, the most frequent
JOBS_SHOWN = 3  # of each cause, without asking for more
JOBS_A_PAGE = 50
LINE = (
    "pk", "job_id", "cause", "explanation", "failed_provider", "failed_code", "message", "move", "owner", "outcome",
    "document", "entry_id", "workflow_name", "first_failed_at", "ended_at", "mended_by",
)  # fmt: skip
STATE = Case(
    When(mended_by__isnull=False, then=Value(MENDED)),
    When(ended_at__isnull=True, then=Value(OPEN)),
    default=Value(ENDED),
    output_field=CharField(),
)


class Written(Func):
    """A time in UTC as the text that sorts as it does: making a datetime of each of thousands takes longer than
    counting them."""

    output_field = CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(expressions)s || '')", **more)

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        template = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
        return self.as_sql(compiler, connection, template=template, **more)


def failures(team: Team, filters: Filters) -> Failures:
    rows = failed(team, filters).order_by("-first_failed_at", "-pk")
    seen = rows.values_list("pk", "cause", "state", "rerun", Written("first_failed_at"))[:MOST]
    groups = grouping.grouped(filters.span, seen.iterator(10_000), JOBS_SHOWN)
    listed = sorted(groups.values(), key=lambda group: group.count, reverse=True)[:MOST_CAUSES]
    newest = [row for group in listed for row in group.newest]
    lines = {line.pk: line for line in _lines(JobRecord.objects.filter(pk__in=newest))}
    return grouping.failures(
        filters.span, groups, lines, _first_ever(team, {line.cause for line in lines.values()}, filters.span.begin)
    )


def failed(team: Team, filters: Filters) -> "QuerySet[Any]":
    """Records of jobs that failed in this range. Open failures count however old."""
    span = filters.span
    in_time = Q(first_failed_at__gte=span.begin) | Q(ended_at__isnull=True, mended_by__isnull=True)
    rows = JobRecord.objects.filter(in_time, team=team, first_failed_at__lt=span.end).exclude(cause="")
    if filters.workflow:
        rows = rows.filter(workflow_id=filters.workflow)
    if filters.provider:
        rows = rows.filter(Q(failed_provider=filters.provider) | Q(failed_provider__startswith=f"{filters.provider}."))
    if filters.cause:
        rows = rows.filter(cause=filters.cause)
    if filters.holder:
        rows = rows.filter(narrowing.held_by(team, filters.holder))
    if filters.case:
        rows = rows.filter(narrowing.in_state(team, filters.case))
    return rows.annotate(state=STATE)


def jobs_of(team: Team, filters: Filters, start: int = 0) -> list[JobLine]:
    """One page of jobs, newest first, plus one if there are more."""
    return _lines(failed(team, filters).order_by("-first_failed_at", "-pk")[start : start + JOBS_A_PAGE + 1])


def named(team: Team, causes: Collection[str]) -> list[JobLine]:
    """The newest job of each cause, for its name."""
    newest = JobRecord.objects.filter(team=team, cause__in=causes).values("cause").annotate(newest=Max("pk"))
    return _lines(JobRecord.objects.filter(pk__in=newest.order_by().values("newest")))


def held(team: Team, filters: Filters) -> dict[tuple[str, str], int]:
    """For each cause and state, how many jobs have a holder."""
    rows = failed(team, filters).filter(narrowing.held(team)).values("cause", "state").annotate(n=Count("pk"))
    return {(cause, state): count for cause, state, count in rows.order_by().values_list("cause", "state", "n")}


def choices(team: Team, filters: Filters) -> tuple[dict[str, str], list[str]]:
    """Workflows (id to name) and providers to choose from in this range."""
    everything = failed(team, Filters(filters.span))
    found = everything.values_list("workflow_id", "workflow_name", "failed_provider").distinct().order_by()[:500]
    workflows: dict[str, str] = {}
    providers: set[str] = set()
    for workflow, name, provider in found:
        workflows[workflow] = name or workflows.get(workflow, "") or workflow
        providers.add(provider)
    return {each: name for each, name in workflows.items() if each}, sorted(providers - {""})


def _lines(rows: "QuerySet[Any]") -> list[JobLine]:
    return [JobLine(*row) for row in rows.values_list(*LINE)]


def _first_ever(team: Team, causes: Collection[str], begin: datetime) -> dict[str, datetime]:
    """When each cause was first seen; empty if records begin in this range: then nothing is known to be new."""
    failed_jobs = JobRecord.objects.filter(team=team).exclude(cause="")
    if not failed_jobs.filter(first_failed_at__lt=begin).exists():
        return {}
    rows = failed_jobs.filter(cause__in=causes).values("cause").annotate(first=Min("first_failed_at"))
    return dict(rows.order_by().values_list("cause", "first"))


def shown(found: Failures) -> list[JobLine]:
    """Jobs listed one by one, whose identity is decrypted."""
    return [job for cause in (*found.ended, *found.open, *found.mended) for job in cause.jobs]
