"""What the team's records say of trouble on the other side, lately."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from jobs.diagnosis import actions
from jobs.failures import catalogue
from jobs.failures.incidents import FAILS, WAITS, Incident, Sign
from jobs.failures.incidents import incidents as found_in
from jobs.models import JobRecord, Team

LATELY = timedelta(hours=24)
MOST = 5_000  # signs that are looked at, the newest


def incidents(team: Team, now: datetime) -> tuple[Incident, ...]:
    """Two queries."""
    return found_in((*_failing(team, now), *_waiting(team, now)), now)


def of_record(team: Team, record: JobRecord | None, now: datetime) -> Incident | None:
    """The one that this job is part of. No query for nearly all jobs, which can be part of none."""
    if record is None:
        return None
    waits = record.ended_at is None and record.overdue_at is not None and record.overdue_at <= now
    if not waits and record.explanation not in catalogue.about_connections():
        return None
    return next((incident for incident in incidents(team, now) if record.job_id in incident.jobs), None)


def _failing(team: Team, now: datetime) -> Iterator[Sign]:
    """Jobs that did not get through."""
    known = JobRecord.objects.exclude(cause="").filter(explanation__in=catalogue.about_connections())
    rows = known.filter(team=team, first_failed_at__range=(now - LATELY, now)).order_by("-first_failed_at")
    columns = ("job_id", "failed_provider", "first_failed_at", "ended_at")
    for job_id, provider, at, ended_at in rows.values_list(*columns)[:MOST]:
        if at is not None:
            yield Sign(job_id, _name(provider), FAILS, at, ended_at)


def _waiting(team: Team, now: datetime) -> Iterator[Sign]:
    """Open jobs that wait for longer than is usual where they are."""
    rows = JobRecord.objects.filter(team=team, ended_at__isnull=True, overdue_at__range=(now - LATELY, now), cause="")
    for job_id, provider, at in rows.order_by("-overdue_at").values_list("job_id", "provider", "overdue_at")[:MOST]:
        if at is not None:
            yield Sign(job_id, _name(provider), WAITS, at, None)


def _name(provider: str) -> str:
    """One authority has several actions: it is one that does not answer."""
    return actions.name(provider) or provider
