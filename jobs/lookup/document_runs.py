"""Other runs of the same document, from stored rows: no API request, no query on a poll."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from jobs.diagnosis.outcome import Document, Outcome
from jobs.jsontext.records import instant
from jobs.models import Snapshot

MOST = 50
SUCCEEDED = {Outcome.COMPLETED, Outcome.COMPLETED_HANDLED}
ARRIVED = {
    Document.ACCEPTED, Document.ACCEPTED_ERRORS, Document.DELIVERED, Document.RECORDED, Document.ALREADY_SENT,
    Document.SUBMITTED, Document.DELIVERED_PENDING,
}  # fmt: skip
LOST = {Document.REJECTED, Document.NOT_SENT, Document.SUBMITTED_UNKNOWN}  # of a run that did not fail otherwise
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Runs:
    """`kind` is of the run `job_id`: "later_succeeded", "earlier_succeeded", "later_cancelled", "later_failed",
    "earlier_failed", "open" or "".
    """

    count: int = 0
    kind: str = ""
    job_id: UUID | None = None


def known_runs(row: Snapshot) -> Runs:
    """How many other runs are known, and the most relevant one for the reader."""
    if not row.entry_id:
        return Runs()
    same = Snapshot.objects.filter(team_id=row.team_id, entry_id=row.entry_id, fetched_at__isnull=False)
    fields = ("job_id", "outcome", "document", "is_document_cancelled", "completed_at", "is_finished")
    others = list(same.exclude(pk=row.pk).only(*fields).order_by("-pk")[:MOST])
    kind, other = _most_important(row, others)
    return Runs(len(others), kind, other.job_id if other else None)


def has_succeeded(row: Snapshot) -> bool:
    return row.outcome in SUCCEEDED and row.document in ARRIVED and not row.is_document_cancelled


def has_failed(row: Snapshot) -> bool:
    """Not every run without success: one may only have cancelled the document, or have been cancelled itself."""
    is_lost = row.outcome in SUCCEEDED and row.document in LOST
    return row.outcome == Outcome.COMPLETED_FAULTS or is_lost


def has_cancelled(row: Snapshot) -> bool:
    """Whether the run sent the document and cancelled it."""
    return row.is_document_cancelled


def _most_important(row: Snapshot, others: list[Snapshot]) -> tuple[str, Snapshot | None]:
    later = [each for each in others if each.is_finished and _ended(each) > _ended(row)]
    earlier = [each for each in others if each.is_finished and _ended(each) <= _ended(row)]
    succeeded = has_succeeded(row)
    # What is not about sending the document, such as its cancellation, is not mended by sending it.
    can_be_mended = not succeeded and row.is_finished and row.document != Document.NOT_APPLICABLE
    candidates = (
        ("later_succeeded", later, has_succeeded, can_be_mended),
        ("earlier_succeeded", earlier, has_succeeded, not succeeded),
        ("later_cancelled", later, has_cancelled, succeeded),
        ("later_failed", later, has_failed, succeeded),
        ("earlier_failed", earlier, has_failed, succeeded),
    )
    for kind, runs, is_wanted, counts in candidates:
        found = next(filter(is_wanted, runs), None) if counts else None
        if found is not None:
            return kind, found
    still = next((each for each in others if not each.is_finished), None)
    return ("open", still) if still else ("", None)


def _ended(row: Snapshot) -> datetime:
    """An open one sorts last."""
    if not row.is_finished:
        return datetime.max.replace(tzinfo=UTC)
    return instant(row.completed_at) or _LONG_AGO
