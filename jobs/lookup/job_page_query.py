"""A job's row and everything its page shows beside the job, in one query."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User

from jobs.models import JobRecord, Snapshot, Team
from jobs.models.background import Worker
from jobs.models.prepared_query import Prepared

_STORED = Prepared(
    Snapshot,
    """
    LEFT JOIN jobs_jobrecord record ON record.team_id = row.team_id AND record.job_id = row.job_id
    LEFT JOIN jobs_casejob own_case ON own_case.team_id = row.team_id AND own_case.job_id = row.job_id
    LEFT JOIN jobs_worker worker ON worker.id = (SELECT id FROM jobs_worker ORDER BY heard_at DESC LIMIT 1)
    LEFT JOIN jobs_pin pin ON pin.team_id = row.team_id AND pin.job_id = row.job_id AND pin.user_id = %s
    LEFT JOIN jobs_follow follow ON follow.team_id = row.team_id AND follow.job_id = row.job_id
        AND follow.user_id = %s AND follow.ended_at IS NULL
    WHERE row.team_id = %s AND row.job_id = %s
    """,
    without=("identity", "tags", "intents", "message"),
    record=JobRecord,
    worker=Worker,
    is_pinned="pin.id IS NOT NULL",
    is_followed="follow.id IS NOT NULL",
    has_channels="""EXISTS (
        SELECT 1 FROM jobs_channel channel WHERE channel.team_id = row.team_id AND channel.ended_at IS NULL
    )""",
    has_runs="""row.entry_id <> '' AND EXISTS (
        SELECT 1 FROM jobs_snapshot run WHERE run.team_id = row.team_id AND run.entry_id = row.entry_id
        AND run.id <> row.id AND run.fetched_at IS NOT NULL
    )""",
    has_case="""own_case.id IS NOT NULL OR EXISTS (
        SELECT 1 FROM jobs_case its_case WHERE its_case.team_id = row.team_id AND NOT its_case.entry_id = ''
        AND its_case.entry_id IN (row.entry_id, record.entry_id)
    )""",
)


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored for the page. `is_…` is about this person; `has_…` says whether a further query is needed."""

    row: Snapshot
    record: JobRecord | None = None
    worker_heard_at: datetime | None = None  # the last heartbeat of any worker
    is_pinned: bool = False
    is_followed: bool = False
    has_channels: bool = False
    has_runs: bool = False
    has_case: bool = False


def find(user: User, team: Team, job_id: UUID) -> Stored | None:
    """None for a job without stored data."""
    found = _STORED.find(user.pk, user.pk, team.pk, job_id)
    if found is None:
        return None
    row, beside = found
    row.team = team
    worker = beside.pop("worker")
    record = beside.pop("record")
    return Stored(row, record, worker and worker.heard_at, **{name: bool(each) for name, each in beside.items()})
