"""Re-encrypts records with the newest key."""

from collections.abc import Iterator

from jobs import encryption
from jobs.models import JobRecord
from jobs.records import identities

AT_ONCE = 500  # rows read at once


def reseal() -> int:
    """Re-encrypts identities and digests; returns how many. Undecryptable ones stay."""
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
