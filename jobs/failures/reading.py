"""The failures of a team, counted by the database in a constant number of queries."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, cast

from django.db.models import Case, CharField, Func, Max, Q, QuerySet, Value, When

from jobs.cases import narrowing, overview
from jobs.failures import grouping
from jobs.failures.filters import Filters
from jobs.failures.grouping import ENDED, HELD, MENDED, OPEN, Failures, JobLine
from jobs.models import JobRecord, Team
from jobs.models.prepared_query import Prepared, loaded
from jobs.records.identities import Sealed

MOST = 50_000  # failures that are counted for one page, the newest
MOST_CAUSES = 200  # that are listed, the most frequent
JOBS_SHOWN = 3  # of each cause, without asking for more
JOBS_A_PAGE = 50
# The jobs that are listed, when the team first met their cause, and whether its records begin before this range.
_LINES = Prepared(
    JobRecord,
    f"""
    JOIN key ON key.id = row.id
    {overview.JOIN.format(team='row.team_id', job='row.job_id', entry='row.entry_id')}
    """,
    only={
        "row": {
            "id", "team_id", "job_id", "cause", "explanation", "failed_provider", "failed_code", "message", "move",
            "owner", "outcome", "document", "entry_id", "workflow_name", "first_failed_at", "ended_at", "mended_by",
            "identity",
        },
    },
    first_ever="""(
        SELECT MIN(first_failed_at) FROM jobs_jobrecord met
        WHERE met.team_id = row.team_id AND met.cause = row.cause AND NOT met.cause = ''
    )""",
    is_known_before="""EXISTS (
        SELECT 1 FROM jobs_jobrecord met
        WHERE met.team_id = row.team_id AND NOT met.cause = '' AND met.first_failed_at < %s
    )""",
    **overview.COLUMNS,
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


def failures(team: Team, filters: Filters, start: int = 0) -> Failures:
    """Two queries. `start`: of one cause the jobs from there on are listed too."""
    held = Case(When(narrowing.held(team), then=Value(HELD)), default=Value(""), output_field=CharField())
    rows = failed(team, filters).annotate(held=held).order_by("-first_failed_at", "-pk")
    seen = rows.values_list("pk", "cause", "state", "rerun", Written("first_failed_at"), "held")[:MOST]
    found = seen.iterator(10_000)
    listed: list[int] = []
    if filters.cause:
        every = list(found)
        found, listed = iter(every), [row for row, *_ in every[start : start + JOBS_A_PAGE + 1]]
    groups = grouping.grouped(filters.span, found, JOBS_SHOWN)
    frequent = sorted(groups.values(), key=lambda group: group.count, reverse=True)[:MOST_CAUSES]
    lines, first_ever = _lines({*listed, *(row for group in frequent for row in group.newest)}, filters.span.begin)
    return grouping.failures(filters.span, groups, lines, first_ever, listed)


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


def named(team: Team, causes: Collection[str]) -> list[tuple[str, str, str, str]]:
    """Of each cause what its newest job says of it: its explanation, code and message."""
    newest = JobRecord.objects.filter(team=team, cause__in=causes).values("cause").annotate(newest=Max("pk"))
    rows = JobRecord.objects.filter(pk__in=newest.order_by().values("newest"))
    return list(rows.values_list("cause", "explanation", "failed_code", "message"))


def _lines(rows: Collection[int], begin: datetime) -> tuple[dict[int, JobLine], dict[str, datetime]]:
    """And when each cause was first seen; empty if records begin in this range: then nothing is known to be new."""
    found = _LINES.each("key (id)", [[row] for row in rows], begin) if rows else []
    lines = {record.pk: _line(record, about) for record, about in found}
    first_ever = {
        record.cause: loaded(JobRecord, "first_failed_at", about["first_ever"])
        for record, about in found
        if about["is_known_before"]
    }
    return lines, first_ever


def _line(record: JobRecord, about: Mapping[str, Any]) -> JobLine:
    return JobLine(
        pk=record.pk,
        job_id=record.job_id,
        cause=record.cause,
        explanation=record.explanation,
        provider=record.failed_provider,
        code=record.failed_code,
        message=record.message,
        move=record.move,
        owner=record.owner,
        outcome=record.outcome,
        document=record.document,
        entry_id=record.entry_id,
        workflow=record.workflow_name,
        failed_at=cast("datetime", record.first_failed_at),  # of failed jobs it is known
        ended_at=record.ended_at,
        mended_by=record.mended_by,
        sealed=Sealed.of(record),
        case=overview.read(**about),
    )
