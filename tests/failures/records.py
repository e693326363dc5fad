"""Records of invented jobs."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from jobs.gobl.identity import Identity
from jobs.models import JobRecord, Team
from jobs.records import identities

TAX_ID = {
    "cause": "aeat-1109", "explanation": "aeat-1109", "failed_provider": "verifactu.send", "failed_code": "1109",
    "message": "Foreign tax id […]", "move": "correct", "owner": "customer", "rerun": "useless",
}  # fmt: skip
NO_ANSWER = {
    "cause": "connection-timeout", "explanation": "connection-timeout", "failed_provider": "verifactu.send",
    "message": "deadline exceeded", "move": "ask_first", "owner": "invopop", "rerun": "danger",
}  # fmt: skip
UNKNOWN = {
    "cause": "said-1", "failed_provider": "peppol.send", "message": "Receiver […] is not known", "move": "ask_support",
    "owner": "invopop",
}  # fmt: skip


def made(
    team: Team, at: datetime, *, identity: Identity | None = None, is_open: bool = False, **columns: Any
) -> JobRecord:
    """A job that failed then."""
    told = {
        "outcome": "retrying" if is_open else "completed_faults", "document": "rejected", "workflow_id": "w1",
        "workflow_name": "Invoices", "created_at": at - timedelta(minutes=1), "first_failed_at": at,
        "ended_at": None if is_open else at + timedelta(minutes=1), "read_at": at,
    }  # fmt: skip
    record = JobRecord(team=team, job_id=uuid4(), **(told | columns))
    if identity:
        for name, value in identities.columns(identity, record).items():
            setattr(record, name, value)
    record.save()
    return record


def success(team: Team, at: datetime, took: timedelta, **columns: Any) -> JobRecord:
    told: dict[str, Any] = {
        "outcome": "completed",
        "document": "accepted",
        "created_at": at - took,
        "ended_at": at,
        "read_at": at,
    }
    return JobRecord.objects.create(team=team, job_id=uuid4(), **(told | columns))
