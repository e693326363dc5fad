"""The jobs of a team that concern a person, and for which reason, in one query."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth.models import User

from jobs.models import LookUp, Team
from jobs.models.prepared_query import loaded, select

SHOWN = 20
FAILED_READ = 200  # rows per team
MOST = 100  # newest jobs per reason; also the limit on pins
LOOKS_READ = 400  # rows per person and team: some jobs are opened repeatedly

# The person's own jobs: looked up, pinned, and which of these are open.
OWN = f"""
    WITH looks AS (
        SELECT id, job_id, at, outcome FROM jobs_lookup
        WHERE user_id = %(user)s AND team_id = %(team)s AND what = '{LookUp.What.JOB}'
        ORDER BY at DESC LIMIT {LOOKS_READ}
    ), pins AS (
        SELECT id, job_id, at FROM jobs_pin WHERE user_id = %(user)s AND team_id = %(team)s
    )
    SELECT 'looked_up' AS why, at, id, job_id, outcome FROM looks
    UNION ALL
    SELECT 'pinned', at, id, job_id, '' FROM pins
    UNION ALL
    SELECT 'open', created_at, id, job_id, '' FROM jobs_snapshot
    WHERE team_id = %(team)s AND NOT is_finished AND fetched_at IS NOT NULL
    AND job_id IN (SELECT job_id FROM looks UNION SELECT job_id FROM pins)
"""  # noqa: S608 (words of ours)
_RUN = "(SELECT run.job_id FROM jobs_casejob run WHERE run.case_id = its_case.id ORDER BY run.id DESC LIMIT 1)"
# Also the team's work: cases, each with its newest run, and failed jobs without a case.
OF_TEAM = f"""
    {OWN}
    UNION ALL
    SELECT * FROM (
        SELECT 'held', held_at, its_case.id, {_RUN}, '' FROM jobs_case its_case
        WHERE team_id = %(team)s AND holder_id = %(user)s AND state <> 'done'
        ORDER BY held_at DESC, its_case.id DESC LIMIT {SHOWN}
    ) held
    UNION ALL
    SELECT * FROM (
        SELECT 'pinned_by_team', pinned_at, its_case.id, {_RUN}, '' FROM jobs_case its_case
        WHERE team_id = %(team)s AND pinned_at IS NOT NULL
        ORDER BY pinned_at DESC, its_case.id DESC LIMIT {SHOWN}
    ) pinned
    UNION ALL
    SELECT 'begun', changed_at, id, job_id, '' FROM (
        SELECT its_case.*, {_RUN} AS job_id FROM jobs_case its_case
        WHERE team_id = %(team)s AND holder_id IS NULL AND state <> 'done'
        ORDER BY changed_at DESC, its_case.id DESC LIMIT {FAILED_READ}
    ) begun
    WHERE state <> 'open' OR NOT EXISTS (
        -- a note or pin on a successful job needs no work
        SELECT 1 FROM jobs_jobrecord fine
        WHERE fine.team_id = begun.team_id AND fine.job_id = begun.job_id
        AND fine.ended_at IS NOT NULL AND fine.cause = ''
    )
    UNION ALL
    SELECT 'failed', ended_at, id, job_id, '' FROM (
        SELECT * FROM jobs_jobrecord
        WHERE team_id = %(team)s AND ended_at IS NOT NULL AND mended_by IS NULL AND NOT cause = ''
        ORDER BY first_failed_at DESC LIMIT {FAILED_READ}
    ) failed
    WHERE NOT EXISTS (
        SELECT 1 FROM jobs_casejob run WHERE run.team_id = failed.team_id AND run.job_id = failed.job_id
    ) AND (entry_id = '' OR NOT EXISTS (
        SELECT 1 FROM jobs_case its_case WHERE its_case.team_id = failed.team_id AND its_case.entry_id = failed.entry_id
        AND NOT its_case.entry_id = ''
    ) AND NOT EXISTS (
        -- only the newest run of each document
        SELECT 1 FROM jobs_jobrecord newer
        WHERE newer.team_id = failed.team_id AND newer.entry_id = failed.entry_id AND NOT newer.entry_id = ''
        AND newer.ended_at IS NOT NULL
        AND newer.mended_by IS NULL AND NOT newer.cause = '' AND newer.first_failed_at > failed.first_failed_at
    ))
    UNION ALL
    SELECT * FROM ( -- whether any were not read
        SELECT 'unread', changed_at, id, {_RUN}, '' FROM jobs_case its_case
        WHERE team_id = %(team)s AND holder_id IS NULL AND state <> 'done'
        ORDER BY changed_at DESC, its_case.id DESC LIMIT 1 OFFSET {FAILED_READ}
    ) unread_cases
    UNION ALL
    SELECT * FROM (
        SELECT 'unread', ended_at, id, job_id, '' FROM jobs_jobrecord
        WHERE team_id = %(team)s AND ended_at IS NOT NULL AND mended_by IS NULL AND NOT cause = ''
        ORDER BY first_failed_at DESC LIMIT 1 OFFSET {FAILED_READ}
    ) unread_failures
"""  # noqa: S608 (words of ours)


class Listed(NamedTuple):
    job_id: UUID
    at: datetime  # of the last look-up, pin, claim or change; for a failed job, of its end
    outcome: str  # as this person last saw it, or ""


def listed(user: User, team: Team, sql: str) -> Mapping[str, Sequence[Listed]]:
    """Jobs by reason, newest first, without duplicates. `sql`: OWN or OF_TEAM."""
    found: dict[str, dict[Any, tuple[Any, str]]] = defaultdict(dict)
    rows = [row for row in select(sql, {"user": user.pk, "team": team.pk}) if row[1] and row[3]]
    for why, at, _, job_id, outcome in sorted(rows, key=lambda row: row[1:3], reverse=True):
        last, seen = found[why].get(job_id, (at, ""))
        found[why][job_id] = last, seen or outcome
    return {
        why: [
            Listed(loaded(LookUp, "job_id", job_id), loaded(LookUp, "at", at), outcome)
            for job_id, (at, outcome) in islice(jobs.items(), MOST)
        ]
        for why, jobs in found.items()
    }
