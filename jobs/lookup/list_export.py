"""The job list as JSON and CSV, with what is known about each job."""

from collections.abc import Iterator
from typing import Any

from jobs.lookup.job_list import Listing, Row

COLUMNS = (
    "id", "outcome", "sure", "document", "number", "customer", "amount", "currency", "workflow", "created_at",
    "duration_seconds", "cause", "code", "message", "holder", "case",
    "document_cancelled",
)  # fmt: skip


def as_json(found: Listing) -> dict[str, Any]:
    return {"jobs": [_job(row) for row in found.rows], "next": found.next_cursor or None, "looked_at": found.looked_at}


def as_rows(found: Listing) -> Iterator[tuple[object, ...]]:
    yield COLUMNS
    for row in found.rows:
        job = _job(row)
        yield tuple("" if job[name] is None else job[name] for name in COLUMNS)


def _job(row: Row) -> dict[str, Any]:
    """`sure` is true if the outcome comes from the whole job; the API's list has no faults. `document` is the state
    before the document was cancelled, if it was.
    """
    identity, failure, case = row.identity, row.failure, row.case
    at = row.created_at
    return {
        "id": str(row.job_id),
        "outcome": str(row.outcome),
        "sure": row.is_sure,
        "document": row.document or None,
        "number": identity.number or None,
        "customer": identity.customer or None,
        "amount": identity.amount or None,
        "currency": identity.currency or None,
        "workflow": row.workflow_name or row.workflow_id or None,
        "created_at": at.at.isoformat() if at and at.at else None,
        "duration_seconds": row.duration.total_seconds() if row.duration is not None else None,
        "cause": failure.cause if failure else None,
        "code": (failure.code or None) if failure else None,
        "message": (failure.message or None) if failure else None,
        "holder": (case.holder or None) if case else None,
        "case": case.state if case else None,
        "document_cancelled": row.is_document_cancelled,
    }
