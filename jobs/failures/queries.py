"""Reads the failures of a team in a constant number of queries."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, cast

from django.db import connection
from django.db.models import Case, CharField, F, Func, IntegerField, Max, Q, QuerySet, Value, When

from jobs.cases import case_conditions, overview
from jobs.diagnosis.advice import Again, of_overdue_retry
from jobs.diagnosis.outcome import Document, Outcome
from jobs.diagnosis.retry_overdue import is_retry_overdue
from jobs.failures import grouping
from jobs.failures.filters import Filters
from jobs.failures.grouping import ENDED, MENDED, OPEN, Failures, JobLine, Seen
from jobs.failures.ranges import Span
from jobs.models import JobRecord, Team
from jobs.models.prepared_query import Prepared, loaded
from jobs.records.identities import Sealed

MOST = 50_000  # the newest failures, counted for a page
MOST_CAUSES = 200  # causes listed, the most frequent
JOBS_SHOWN = 3  # listed for each cause at first
JOBS_A_PAGE = 50
# The listed jobs, when their cause first occurred, and whether the team's records begin before this range.
_LINES = Prepared(
    JobRecord,
    f"""
    JOIN key ON key.id = row.id
    {overview.JOIN.format(team='row.team_id', job='row.job_id', entry='row.entry_id')}
    """,
    only={
        "row": {
            "id", "team_id", "job_id", "cause", "explanation", "failed_provider", "failed_code", "message", "move",
            "owner", "outcome", "document", "is_document_cancelled", "entry_id", "workflow_name", "first_failed_at",
            "ended_at", "overdue_at", "mended_by", "identity",
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
    """A time in UTC as sortable text, because converting thousands to datetimes takes longer than counting them."""

    output_field = CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(expressions)s || '')", **more)

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        template = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
        return self.as_sql(compiler, connection, template=template, **more)


def failures(team: Team, filters: Filters, start: int = 0) -> Failures:
    """The failures, in two queries. `start`: also lists the jobs of a single cause from there on."""
    found = _seen(team, filters)
    listed = [row for row, *_ in found[start : start + JOBS_A_PAGE + 1]] if filters.cause else []
    groups = grouping.grouped(filters.span, found, JOBS_SHOWN)
    frequent = sorted(groups.values(), key=lambda group: group.count, reverse=True)[:MOST_CAUSES]
    lines, first_ever = _lines({*listed, *(row for group in frequent for row in group.newest)}, filters.span)
    return grouping.failures(filters.span, groups, lines, first_ever, listed)


def _seen(team: Team, filters: Filters) -> list[Seen]:
    """The failed jobs, newest first, without Django's conversions."""
    held = Case(When(case_conditions.held(team), then=Value(1)), default=Value(0), output_field=IntegerField())
    rows = (
        failed(team, filters)
        .annotate(held=held, rerun_now=_rerun_at(filters.span.end), counted_at=_counted_at(filters.span))
        .order_by("-first_failed_at", "-pk")
    )
    seen = rows.values_list("pk", "cause", "state", "rerun_now", Written("counted_at"), "held")[:MOST]
    with connection.cursor() as cursor:
        cursor.execute(*seen.query.sql_with_params())
        found: list[Seen] = cursor.fetchall()
    return found


def _rerun_at(now: datetime) -> Case:
    """The advice on rerunning. Records keep that of their last change, when a retry was not yet overdue."""
    is_overdue = Q(ended_at__isnull=True, outcome=Outcome.RETRYING, overdue_at__lte=now) & ~Q(rerun=Again.NEVER)
    usual, reruns = of_overdue_retry("").rerun, {each: of_overdue_retry(each).rerun for each in Document}
    return Case(
        *(
            When(is_overdue & Q(document=document), then=Value(str(rerun or "")))
            for document, rerun in reruns.items()
            if rerun != usual
        ),
        When(is_overdue, then=Value(str(usual or ""))),
        default=F("rerun"),
        output_field=CharField(),
    )


def _counted_at(span: Span) -> Case:
    """When a failure counts: at its first error, or at its end if only that is in this range."""
    return Case(
        When(first_failed_at__lt=span.begin, ended_at__isnull=False, then=F("ended_at")), default=F("first_failed_at")
    )


def failed(team: Team, filters: Filters) -> "QuerySet[Any]":
    """Records of jobs that failed in this range: with their first error, or for good. Open ones count however old."""
    span = filters.span
    is_open = Q(ended_at__isnull=True, mended_by__isnull=True)
    in_time = Q(first_failed_at__gte=span.begin) | Q(ended_at__gte=span.begin, ended_at__lt=span.end) | is_open
    rows = JobRecord.objects.filter(in_time, team=team, first_failed_at__lt=span.end).exclude(cause="")
    if filters.workflow:
        rows = rows.filter(workflow_id=filters.workflow)
    if filters.provider:
        rows = rows.filter(Q(failed_provider=filters.provider) | Q(failed_provider__startswith=f"{filters.provider}."))
    if filters.cause:
        rows = rows.filter(cause=filters.cause)
    if filters.holder:
        rows = rows.filter(case_conditions.held_by(team, filters.holder))
    if filters.case:
        rows = rows.filter(case_conditions.in_state(team, filters.case))
    return rows.annotate(state=STATE)


def named(team: Team, causes: Collection[str]) -> list[tuple[str, str, str, str]]:
    """The explanation, code and message of each cause, from its newest job."""
    newest = JobRecord.objects.filter(team=team, cause__in=causes).values("cause").annotate(newest=Max("pk"))
    rows = JobRecord.objects.filter(pk__in=newest.order_by().values("newest"))
    return list(rows.values_list("cause", "explanation", "failed_code", "message"))


def _lines(rows: Collection[int], span: Span) -> tuple[dict[int, JobLine], dict[str, datetime]]:
    """The listed jobs, and when each cause first occurred, if records begin before this range."""
    found = _LINES.each("key (id)", [[row] for row in rows], span.begin) if rows else []
    lines = {record.pk: _line(record, about, span.end) for record, about in found}
    first_ever = {
        record.cause: loaded(JobRecord, "first_failed_at", about["first_ever"])
        for record, about in found
        if about["is_known_before"]
    }
    return lines, first_ever


def _line(record: JobRecord, about: Mapping[str, Any], now: datetime) -> JobLine:
    is_overdue = record.ended_at is None and is_retry_overdue(record.outcome, record.overdue_at, now)
    overdue = of_overdue_retry(record.document) if is_overdue else None
    return JobLine(
        pk=record.pk,
        job_id=record.job_id,
        cause=record.cause,
        explanation=record.explanation,
        provider=record.failed_provider,
        code=record.failed_code,
        message=record.message,
        move=overdue.move if overdue else record.move,
        owner=overdue.owner or "" if overdue else record.owner,
        is_retry_overdue=is_overdue,
        outcome=record.outcome,
        document=record.document,
        is_document_cancelled=record.is_document_cancelled,
        entry_id=record.entry_id,
        workflow=record.workflow_name,
        failed_at=cast("datetime", record.first_failed_at),  # known for failed jobs
        ended_at=record.ended_at,
        mended_by=record.mended_by,
        sealed=Sealed.of(record),
        case=overview.read(**about),
    )
