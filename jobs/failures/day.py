"""A team's day at a glance: how many failed, are being retried, wait too long; and trouble on the other side."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Count

from jobs.failures import ranges, signs
from jobs.failures.filters import Filters
from jobs.failures.grouping import ENDED, OPEN
from jobs.failures.incidents import Incident
from jobs.failures.reading import failed
from jobs.models import JobRecord, Team


@dataclass(frozen=True, slots=True)
class Day:
    failed: int
    retrying: int
    overdue: int
    incidents: tuple[Incident, ...]  # those that go on
    is_known: bool  # anything at all has been read

    @property
    def is_quiet(self) -> bool:
        return not (self.failed or self.retrying or self.overdue or self.incidents)


def today(team: Team, zone: ZoneInfo, now: datetime) -> Day:
    """A constant number of small queries."""
    rows = failed(team, Filters(ranges.span(ranges.TODAY, now, zone)))
    counts = dict(rows.values("state").annotate(n=Count("pk")).order_by().values_list("state", "n"))
    overdue = JobRecord.objects.filter(team=team, ended_at__isnull=True, overdue_at__lte=now).count()
    found = tuple(each for each in signs.incidents(team, now) if each.end is None)
    is_known = bool(counts) or JobRecord.objects.filter(team=team).exists()
    return Day(counts.get(ENDED, 0), counts.get(OPEN, 0), overdue, found, is_known)
