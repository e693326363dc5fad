"""What each line in a list of jobs shows, for all lines in one query."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from jobs.cases import overview
from jobs.cases.overview import Overview
from jobs.models import JobRecord, Snapshot, Team
from jobs.models.prepared_query import Prepared, loaded
from jobs.records.identities import Sealed

_ENTRY = "COALESCE(NULLIF(key.entry_id, ''), NULLIF(copy.entry_id, ''), record.entry_id)"
_LINES = Prepared(
    Team,
    f"""
    CROSS JOIN key
    LEFT JOIN jobs_snapshot copy ON copy.team_id = row.id AND copy.job_id = key.job_id
    LEFT JOIN jobs_snapshot opened ON opened.id = copy.id AND NOT copy.is_finished AND copy.fetched_at IS NOT NULL
    LEFT JOIN jobs_jobrecord record ON record.team_id = row.id AND record.job_id = key.job_id
    {overview.JOIN.format(team='row.id', job='key.job_id', entry=_ENTRY)}
    WHERE row.id = %s
    """,
    only={
        "row": {"id"},
        "copy": {
            "id", "outcome", "document", "is_document_cancelled", "failed_step", "is_finished", "faults", "fetched_at",
            "overdue_at",
        },
        "record": {
            "id", "team_id", "job_id", "outcome", "document", "is_document_cancelled", "failed_step", "failed_code",
            "cause", "explanation", "message", "created_at", "ended_at", "overdue_at", "identity",
        },
    },
    copy=Snapshot,
    opened=Snapshot,
    record=JobRecord,
    job_id="key.job_id",
    **overview.COLUMNS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    copy: Snapshot | None = None
    opened: Snapshot | None = None  # the copy with all columns, if the job is open
    record: JobRecord | None = None
    case: Overview | None = None

    @property
    def known(self) -> Snapshot | JobRecord | None:
        """The copy if there is one: it is as new as the record but expires sooner."""
        return self.copy or self.record

    @property
    def fetched(self) -> Snapshot | None:
        """The copy, if it has had a response."""
        return self.copy if self.copy and self.copy.fetched_at else None

    @property
    def sealed(self) -> Sealed:
        """The encrypted identity of the document."""
        return Sealed.of(self.record)


def of_jobs(team: Team, jobs: Mapping[UUID, str]) -> dict[UUID, Line]:
    """The line of each job. `jobs`: job id to silo entry, "" if unknown."""
    if not jobs:
        return {}
    found = _LINES.each("key (job_id, entry_id)", list(jobs.items()), team.pk)
    return {loaded(Snapshot, "job_id", beside["job_id"]): _line(team, **beside) for _, beside in found}


def _line(team: Team, opened: Snapshot | None, **about: Any) -> Line:
    if opened is not None:
        opened.team = team
    return Line(about["copy"], opened, about["record"], overview.read(**about))
