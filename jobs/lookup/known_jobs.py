"""The list of fully read jobs, filtered by data the API's list does not have, without API requests."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from uuid import UUID

from django.contrib.auth.models import User
from django.core.signing import BadSignature, Signer
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from jobs.cases import case_conditions
from jobs.cases.overview import Overview
from jobs.diagnosis.outcome import Outcome
from jobs.invopop.job_payload import Moment
from jobs.lookup import job_lines_query, rate_limit
from jobs.lookup.job_list import GROUPS, MINE, PAGE, UNCLAIMED, Filters, Listing, Row, failure_of
from jobs.models import JobRecord, Team
from jobs.records import identities
from jobs.records.identities import Sealed

CHOICES = 400  # pairs of cause and provider
LATEST = datetime(9999, 1, 1, tzinfo=UTC)
NO_NAMES: Mapping[str, str] = MappingProxyType({})
Place = tuple[datetime, int]  # a job's creation time, and the id of its row


def listing(
    team: Team, cursor: str, filters: Filters, by: rate_limit.Asker, names: Mapping[str, str] = NO_NAMES
) -> Listing:
    """Newest first, with a constant number of queries. `names`: of workflows by id, for jobs that nobody opened."""
    rows = _wanted(team, filters, by).order_by("-created_at", "-pk")
    at, row = _place(team, cursor)
    rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=row))
    found = list(rows[: PAGE + 1])
    shown = found[:PAGE]
    following = _signed(team, shown[-1]) if len(found) > PAGE else ""
    oldest = Moment("", shown[-1].created_at) if shown else None
    return Listing(tuple(_rows(team, shown, names)), following, len(shown), oldest, is_of_records=True)


def runs_of_entry(team: Team, entry_id: str, other_than: UUID) -> Listing:
    """Other jobs of the same document, newest first."""
    rows = JobRecord.objects.filter(team=team, entry_id=entry_id, created_at__isnull=False).exclude(job_id=other_than)
    found = list(rows.exclude(entry_id="").order_by("-created_at", "-pk")[:PAGE])
    return Listing(tuple(_rows(team, found, NO_NAMES)), "", len(found), None, is_of_records=True)


def customer(team: Team, typed: str) -> UUID | None:
    """The customer's newest job, which represents the customer in URLs; None if no job was read."""
    return next(iter(identities.find(team, typed)), None)


def customer_name(team: Team, job_id: UUID) -> str:
    found = identities.of_jobs(team, [job_id]).get(job_id)
    return (found.customer or found.tax_id or found.number) if found else ""


def choices(team: Team) -> tuple[list[tuple[str, str, str, str]], list[str]]:
    """Causes of the records, each with its title, and the providers."""
    rows = JobRecord.objects.filter(team=team).exclude(cause="").order_by()
    found = rows.values_list("cause", "explanation", "failed_code", "message", "failed_provider").distinct()[:CHOICES]
    return list({row[:4]: None for row in found}), sorted({row[4] for row in found})


def _wanted(team: Team, filters: Filters, by: rate_limit.Asker) -> "QuerySet[JobRecord]":
    rows = JobRecord.objects.filter(team=team, created_at__isnull=False)
    plain = {
        "outcome__in": GROUPS.get(filters.group),
        "workflow_id": filters.workflow_id,
        "created_at__gte": filters.after,
        "created_at__lt": filters.before,
        "document": filters.document,
        "cause": filters.cause,
    }
    rows = rows.filter(**{name: value for name, value in plain.items() if value})
    if filters.provider:
        rows = rows.filter(Q(provider=filters.provider) | Q(provider__startswith=f"{filters.provider}."))
    if filters.tag:
        rows = _tagged(rows, filters.tag)
    if filters.customer_of:
        rows = _of_customer(team, rows, filters.customer_of)
    if filters.case:
        rows = rows.filter(_of_case(team, filters.case, by))
    return rows


def _tagged(rows: "QuerySet[JobRecord]", tag: str) -> "QuerySet[JobRecord]":
    """SQLite keeps JSON escapes, PostgreSQL does not."""
    written = {json.dumps(tag), json.dumps(tag, ensure_ascii=False)}
    found = Q()
    for text in written:
        found |= Q(tags_text__contains=text)
    return rows.annotate(tags_text=Cast("tags", TextField())).filter(found)


def _of_customer(team: Team, rows: "QuerySet[JobRecord]", job_id: UUID) -> "QuerySet[JobRecord]":
    record = JobRecord.objects.filter(team=team, job_id=job_id).first()
    if record is None:
        return rows.none()
    same = [
        Q(**{name: getattr(record, name)}) for name in ("tax_id_digest", "customer_digest") if getattr(record, name)
    ]
    return rows.filter(same[0] if len(same) == 1 else same[0] | same[1]) if same else rows.filter(job_id=job_id)


def _of_case(team: Team, wanted: str, by: rate_limit.Asker) -> Q:
    if wanted == MINE:
        return (
            case_conditions.held_by(team, case_conditions.person(by.get_username()))
            if isinstance(by, User)
            else Q(pk=None)
        )
    if wanted == UNCLAIMED:
        return case_conditions.held_by(team, case_conditions.NOBODY) & Q(outcome__in=GROUPS["failed"])
    return case_conditions.in_state(team, wanted)


def _rows(team: Team, records: Sequence[JobRecord], names: Mapping[str, str]) -> list[Row]:
    known = job_lines_query.of_jobs(team, {each.job_id: each.entry_id for each in records})
    return [_row(each, known[each.job_id].case, names) for each in records]


def _row(record: JobRecord, case: Overview | None, names: Mapping[str, str]) -> Row:
    begin, end = record.created_at, record.ended_at
    return Row(
        job_id=record.job_id,
        created_at=Moment("", begin),
        duration=end - begin if begin and end and end >= begin else None,
        outcome=Outcome(record.outcome or Outcome.UNKNOWN),
        is_sure=True,
        document=record.document,
        workflow_id=record.workflow_id,
        workflow_name=record.workflow_name or names.get(record.workflow_id, ""),
        entry_id=record.entry_id,
        case=case,
        sealed=Sealed.of(record),
        failure=failure_of(record),
        overdue_at=record.overdue_at if end is None else None,
        is_document_cancelled=record.is_document_cancelled,
    )


def is_cursor(team: Team, signed: str) -> bool:
    """Whether `signed` was the cursor of a page of this list; so is that of the first, ""."""
    return not signed or _place(team, signed) != (LATEST, 0)


def _signed(team: Team, record: JobRecord) -> str:
    at = record.created_at.isoformat() if record.created_at else ""
    return Signer(salt=f"known:{team.pk}").sign(f"{at}|{record.pk}")


def _place(team: Team, signed: str) -> Place:
    """The position of a cursor; the start of the list if we did not sign it."""
    try:
        at, _, row = Signer(salt=f"known:{team.pk}").unsign(signed).partition("|")
        return datetime.fromisoformat(at), int(row)
    except (BadSignature, ValueError):
        return LATEST, 0
