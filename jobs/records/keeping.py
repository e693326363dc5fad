"""Retention and key rotation of records."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from jobs import encryption
from jobs.models import JobRecord, JobToRead
from jobs.records import identities

AT_ONCE = 500
UNREAD_FOR = timedelta(days=7)


def drop_old(now: datetime) -> int:
    """Deletes records of jobs that ended or were last read before the retention period."""
    until = now - settings.RECORDS_KEPT
    old = Q(ended_at__lt=until) | Q(ended_at__isnull=True, read_at__lt=until)
    JobToRead.objects.filter(wanted_at__lt=now - UNREAD_FOR).delete()  # webhook reports, in a team without sweeps
    _, dropped = JobRecord.objects.filter(old).delete()
    return dropped.get("jobs.JobRecord", 0)


def reseal() -> int:
    """Re-encrypts identities and digests with the newest key; returns how many. Undecryptable ones stay."""
    moved = 0
    for record in under_old_keys():
        try:
            found = identities.columns(identities.opened(record), record)
        except encryption.Unreadable:
            continue
        # Only if unchanged: it may have been written again meanwhile.
        moved += JobRecord.objects.filter(pk=record.pk, identity=record.identity).update(**found)
    return moved


def under_old_keys() -> Iterator[JobRecord]:
    rows = JobRecord.objects.exclude(identity="").only("team_id", "job_id", "identity")
    for record in rows.iterator(AT_ONCE):
        if not encryption.is_newest(record.identity):
            yield record
