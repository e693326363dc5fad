"""How long records are kept."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from jobs.models import JobRecord, JobToRead

UNREAD_FOR = timedelta(days=7)


def drop_old(now: datetime) -> int:
    """Deletes records of jobs that ended or were last read before the retention period. Returns how many."""
    until = now - settings.RECORDS_KEPT
    old = Q(ended_at__lt=until) | Q(ended_at__isnull=True, read_at__lt=until)
    JobToRead.objects.filter(wanted_at__lt=now - UNREAD_FOR).delete()  # webhook reports, in a team without sweeps
    _, dropped = JobRecord.objects.filter(old).delete()
    return dropped.get("jobs.JobRecord", 0)
