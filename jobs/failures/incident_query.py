"""Finds recent incidents in the team's records."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from jobs.diagnosis import actions
from jobs.failures import catalogue
from jobs.failures.incidents import FAILS, WAITS, Incident, Sign
from jobs.failures.incidents import incidents as found_in
from jobs.models import JobRecord, Team
from jobs.models.prepared_query import loaded, select

LATELY = timedelta(hours=24)
MOST = 5_000  # newest signs read per kind
# Jobs with connection errors, and jobs that wait or waited longer than usual. A page can add other rows with the same
# columns to the query.
SQL = f"""
    SELECT '{FAILS}' AS what, 1 AS number, job_id AS key, failed_provider AS text, '' AS name,
    first_failed_at AS at, ended_at AS until
    FROM (
        SELECT * FROM jobs_jobrecord WHERE team_id = %(team)s AND NOT cause = '' AND explanation IN ({{explanations}})
        AND first_failed_at BETWEEN %(since)s AND %(now)s ORDER BY first_failed_at DESC LIMIT {MOST}
    ) failing
    UNION ALL
    SELECT '{WAITS}', 1, job_id, provider, '', overdue_at, NULL
    FROM (
        SELECT * FROM jobs_jobrecord WHERE team_id = %(team)s AND cause = '' AND ended_at IS NULL
        AND overdue_at BETWEEN %(since)s AND %(now)s ORDER BY overdue_at DESC LIMIT {MOST}
    ) waiting
    UNION ALL
    SELECT '{WAITS}', 1, job_id, waited_for, '', waited_from, waited_until
    FROM (
        SELECT * FROM jobs_jobrecord WHERE team_id = %(team)s
        AND waited_from BETWEEN %(since)s AND %(now)s ORDER BY waited_from DESC LIMIT {MOST}
    ) waited
"""  # noqa: S608 (words of ours)
Row = tuple[Any, ...]


def incidents(team: Team, now: datetime) -> tuple[Incident, ...]:
    """The incidents, in one query."""
    return read(rows(SQL, team, now), now)


def rows(sql: str, team: Team, now: datetime, **more: object) -> list[Row]:
    """The rows of a query that contains `SQL`."""
    explanations = {f"explanation{at}": each for at, each in enumerate(catalogue.about_connections())}
    places = ", ".join(f"%({name})s" for name in explanations)
    given: Mapping[str, object] = {"team": team.pk, "since": now - LATELY, "now": now, **explanations, **more}
    return select(sql.format(explanations=places), given)


def read(found: Iterable[Row], now: datetime) -> tuple[Incident, ...]:
    """The incidents in such rows."""
    signs = (_sign(*row) for row in found if row[0] in {FAILS, WAITS})
    return found_in(signs, now)


def of_record(team: Team, record: JobRecord | None, now: datetime) -> Incident | None:
    """The incident this job belongs to, or None. Nearly all jobs need no query."""
    if record is None:
        return None
    waits = record.ended_at is None and record.overdue_at is not None and record.overdue_at <= now
    if not waits and record.explanation not in catalogue.about_connections():
        return None
    return next((incident for incident in incidents(team, now) if record.job_id in incident.jobs), None)


def _sign(what: str, _number: int, job_id: Any, provider: str, _name: str, at: Any, until: Any) -> Sign:
    began, ended = (loaded(JobRecord, "ended_at", each) for each in (at, until))
    authority = actions.name(provider) or provider  # shared by all actions of an authority
    return Sign(loaded(JobRecord, "job_id", job_id), authority, what, began, ended)
