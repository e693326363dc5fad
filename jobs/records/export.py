"""All records of a team's jobs as a table, for managers."""

from collections.abc import Iterator

from jobs import encryption
from jobs.gobl.identity import Identity
from jobs.models import JobRecord, Team
from jobs.records import identities

PLAIN = ("job_id", "entry_id", "workflow_id", "workflow_name", "outcome", "document", "failed_step", "failed_provider",
         "failed_code", "cause", "message", "move", "rerun", "created_at", "ended_at", "first_failed_at", "mended_by",
         "read_at", "is_document_cancelled")  # fmt: skip
SEALED = ("number", "customer", "amount", "currency", "tax_id")
STEP = 500  # rows read at once


def rows(team: Team) -> Iterator[tuple[str, ...]]:
    """The header, then a row per job, oldest first. No database cursor stays open between steps."""
    yield (*PLAIN, "tags", *SEALED)
    last = 0
    while found := list(JobRecord.objects.filter(team=team, pk__gt=last).order_by("pk")[:STEP]):
        last = found[-1].pk
        yield from map(_row, found)


def _row(record: JobRecord) -> tuple[str, ...]:
    try:
        identity = identities.opened(record)
    except encryption.Unreadable:
        identity = Identity()
    values = (getattr(record, name) for name in PLAIN)
    plain = (
        "" if value is None else value.isoformat() if hasattr(value, "isoformat") else str(value) for value in values
    )
    return (*plain, " ".join(map(str, record.tags)), *(getattr(identity, name) for name in SEALED))
