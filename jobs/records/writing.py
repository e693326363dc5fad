"""Writes a job's record in the transaction that stores its copy."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from jobs.diagnosis import actions
from jobs.diagnosis.actions import Category
from jobs.diagnosis.document_outcome import Document
from jobs.diagnosis.outcome import Conclusion, Outcome, last_word
from jobs.gobl.identity import of_document
from jobs.invopop.job_payload import Event, Job
from jobs.models import JobRecord, Snapshot
from jobs.records import causes, id_search, identities
from jobs.upstream import workflows

SUCCEEDED = {Outcome.COMPLETED, Outcome.COMPLETED_HANDLED}
ARRIVED = {
    Document.ACCEPTED, Document.ACCEPTED_ERRORS, Document.DELIVERED, Document.RECORDED, Document.ALREADY_SENT,
    Document.SUBMITTED, Document.DELIVERED_PENDING,
}  # fmt: skip
Runs = QuerySet[JobRecord]
BAD = {"KO", "TIMEOUT", "ERR"}
TAGS, TAG = 20, 60  # tags kept, and characters of each


def write(row: Snapshot, job: Job, conclusion: Conclusion, now: datetime, is_new: bool, **signal: Any) -> None:
    """Receives upstream.store.job_stored."""
    known = JobRecord.objects.filter(team_id=row.team_id, job_id=row.job_id)
    overdue_at = _overdue_at(conclusion)
    updated_at = job.updated_at.at if job.updated_at else None
    if not is_new and known.update(read_at=now, updated_at=updated_at, overdue_at=overdue_at):
        return
    record = known.first() or JobRecord(team_id=row.team_id, job_id=row.job_id)
    fill(record, row, job, conclusion, now)
    record.save()
    mend(record)


def fill(record: JobRecord, row: Snapshot, job: Job, conclusion: Conclusion, now: datetime) -> None:
    """Sets the columns from the copy, without saving."""
    cause = causes.of_job(job, conclusion, row.team.is_sandbox)
    before = record.provider, record.overdue_at if not record.cause else None
    failed = job.intents[conclusion.reported_step] if conclusion.reported_step is not None else None
    created = job.created_at.at if job.created_at else None
    record.entry_id = _cut(job.silo_entry_id, 100)
    record.workflow_id = _cut(job.workflow_id, 100)
    record.workflow_name = _cut(_workflow_name(row, job), 200) or record.workflow_name
    record.provider = _cut(cause.provider or _provider(job, conclusion), 200)
    record.outcome, record.document = conclusion.outcome, conclusion.document
    record.is_document_cancelled = conclusion.is_document_cancelled
    record.failed_step = _cut(failed.name or failed.provider or failed.step_id, 200) if failed else ""
    record.failed_provider, record.failed_code = _cut(cause.provider, 200), _cut(cause.code, 200)
    record.cause, record.explanation = _cut(cause.key, 100), _cut(cause.explanation, 100)
    record.message = _cut(cause.message, 300)
    record.move, record.owner, record.rerun = cause.move, cause.owner, cause.rerun
    record.created_at = created or record.created_at or row.created_at
    record.updated_at = job.updated_at.at if job.updated_at else None
    record.ended_at = _ended_at(job, conclusion, now)
    record.first_failed_at = _first_failed_at(record, job, now) if cause.key else None
    record.overdue_at = _overdue_at(conclusion)
    _note_wait(record, *before, record.ended_at or record.updated_at or now)
    record.tags = [_cut(tag, TAG) for tag in job.tags[:TAGS]]
    record.read_at = now
    record.intents = id_search.intent_ids([intent.id for intent in job.intents])
    for name, value in identities.columns(of_document(job.envelope), record).items():
        setattr(record, name, value)


def _overdue_at(conclusion: Conclusion) -> datetime | None:
    """When a step's wait becomes too long; None between steps, where the wait is for no provider."""
    is_between = conclusion.outcome in {Outcome.ACCEPTED, Outcome.BETWEEN_STEPS}
    return conclusion.waiting.overdue_at if conclusion.waiting and not is_between else None


def _note_wait(record: JobRecord, provider: str, overdue_at: datetime | None, until: datetime) -> None:
    """Stores a wait that was longer than usual and is over, so that the incident it belongs to has an end."""
    if overdue_at is not None and overdue_at < until and overdue_at != record.overdue_at:
        record.waited_for, record.waited_from, record.waited_until = provider, overdue_at, until


def mend(record: JobRecord) -> None:
    """Marks a failure as fixed by a later run of the same document, in whatever order they are read."""
    if not record.entry_id or record.created_at is None:
        return
    same = JobRecord.objects.filter(team_id=record.team_id, entry_id=record.entry_id).exclude(pk=record.pk)
    if record.outcome in SUCCEEDED:
        earlier = same.filter(created_at__lt=record.created_at, ended_at__isnull=False, mended_by__isnull=True)
        _mended_by(record, earlier.exclude(cause="")).update(mended_by=record.job_id, mended_at=record.ended_at)
    elif record.cause and record.ended_at and record.mended_by is None:
        succeeded = _that_mend(record, same.filter(created_at__gt=record.created_at))
        later = succeeded.order_by("created_at").first()
        if later is not None:
            record.mended_by, record.mended_at = later.job_id, later.ended_at
            record.save(update_fields=["mended_by", "mended_at"])


def _mended_by(success: JobRecord, failed: Runs) -> Runs:
    """What the run did that others failed to do: bring the document there, or register a party."""
    if success.document != Document.NOT_APPLICABLE:
        return failed.exclude(document=Document.NOT_APPLICABLE) if has_succeeded(success) else failed.none()
    if success.outcome != Outcome.COMPLETED:
        return failed.none()
    of_kind = failed.filter(document=Document.NOT_APPLICABLE, workflow_id=success.workflow_id)
    providers = of_kind.values_list("pk", "failed_provider")
    return failed.filter(pk__in=[pk for pk, provider in providers if not _cancels(provider)])


def _that_mend(failure: JobRecord, runs: Runs) -> Runs:
    """The same, from the other side."""
    if failure.document != Document.NOT_APPLICABLE:
        return runs.filter(outcome__in=SUCCEEDED, document__in=ARRIVED, is_document_cancelled=False)
    if _cancels(failure.failed_provider):
        return runs.none()
    same = {"document": Document.NOT_APPLICABLE, "workflow_id": failure.workflow_id}
    return runs.filter(outcome=Outcome.COMPLETED, **same)


def _cancels(provider: str) -> bool:
    """A sent document mends no failed cancellation, and whether another one succeeded is not recorded."""
    return actions.category(provider) == Category.CANCEL


def has_succeeded(record: JobRecord) -> bool:
    """Whether the job succeeded and its document arrived, and is still there."""
    return record.outcome in SUCCEEDED and record.document in ARRIVED and not record.is_document_cancelled


def _provider(job: Job, conclusion: Conclusion) -> str:
    if not job.intents:
        return ""
    return job.intents[conclusion.current if conclusion.current is not None else -1].provider


def _workflow_name(row: Snapshot, job: Job) -> str:
    found = workflows.known(row.team, job.workflow_id)
    return found.name if found else ""


def _ended_at(job: Job, conclusion: Conclusion, now: datetime) -> datetime | None:
    """When the job ended, or was last updated; `now` if neither time can be read. None for an open job."""
    if conclusion.is_open or job.completed_at is None:
        return None
    ended_at = job.completed_at.at or (job.updated_at.at if job.updated_at else None) or now
    return min(ended_at, now)  # the API's clock may be ahead: every range ends now, and so does retention


def _first_failed_at(record: JobRecord, job: Job, now: datetime) -> datetime:
    """When the first failed step failed; an earlier stored time is kept."""
    first_failures = (
        _first_bad(event for event in intent.events) for intent in job.intents if last_word(intent) in BAD
    )
    found = min(filter(None, first_failures), default=None) or record.ended_at or record.updated_at or now
    found = min(found, now)
    return min(found, record.first_failed_at) if record.first_failed_at else found


def _first_bad(events: Any) -> datetime | None:
    return next((_at(event) for event in events if event.word in BAD and _at(event)), None)


def _at(event: Event) -> datetime | None:
    return event.at.at if event.at else None


def _cut(text: str, length: int) -> str:
    """The text cut to the column's length and without NUL, which PostgreSQL rejects."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")[:length]
