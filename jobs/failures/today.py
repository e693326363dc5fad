"""A team's day: how many jobs failed, are retrying or overdue; and incidents."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from jobs.failures import incident_query, ranges
from jobs.failures.incidents import Incident
from jobs.models import Team

# Failed and open jobs as counted by `failures.queries`, and the signs of incidents.
_SQL = f"""
    {incident_query.SQL}
    UNION ALL
    SELECT 'failed', COUNT(*), NULL, '', '', NULL, NULL FROM jobs_jobrecord
    WHERE team_id = %(team)s AND NOT cause = '' AND mended_by IS NULL AND ended_at IS NOT NULL
    AND first_failed_at >= %(begin)s AND first_failed_at < %(end)s
    UNION ALL
    SELECT 'gave_up', COUNT(*), NULL, '', '', NULL, NULL FROM jobs_jobrecord
    WHERE team_id = %(team)s AND NOT cause = '' AND mended_by IS NULL AND ended_at >= %(begin)s AND ended_at < %(end)s
    AND first_failed_at < %(begin)s
    UNION ALL
    SELECT 'retrying', COUNT(*), NULL, '', '', NULL, NULL FROM jobs_jobrecord
    WHERE team_id = %(team)s AND NOT cause = '' AND mended_by IS NULL AND ended_at IS NULL AND first_failed_at < %(end)s
    UNION ALL
    SELECT 'overdue', COUNT(*), NULL, '', '', NULL, NULL FROM jobs_jobrecord
    WHERE team_id = %(team)s AND ended_at IS NULL AND overdue_at <= %(now)s
    UNION ALL
    SELECT 'known', COUNT(*), NULL, '', '', NULL, NULL
    FROM (SELECT 1 FROM jobs_jobrecord WHERE team_id = %(team)s LIMIT 1) known
"""  # noqa: S608 (words of ours)


@dataclass(frozen=True, slots=True)
class Day:
    failed: int
    retrying: int
    overdue: int
    incidents: tuple[Incident, ...]  # ongoing ones
    is_known: bool  # whether any job has been read

    @property
    def is_quiet(self) -> bool:
        return not (self.failed or self.retrying or self.overdue or self.incidents)


def today(team: Team, zone: ZoneInfo, now: datetime) -> Day:
    """The team's current day, in one query."""
    span = ranges.span(ranges.TODAY, now, zone)
    rows = incident_query.rows(_SQL, team, now, begin=span.begin, end=span.end)
    counts = {what: number for what, number, *_ in rows}
    going_on = tuple(each for each in incident_query.read(rows, now) if each.end is None)
    failed = counts["failed"] + counts["gave_up"]
    return Day(failed, counts["retrying"], counts["overdue"], going_on, bool(counts["known"]))
