"""How long a page without a copy waits for the job's first response, and how many pages may wait at once."""

import threading

from jobs.models import Snapshot
from jobs.upstream import refresh

LONGEST_WAIT = 5.5  # seconds: slightly longer than one attempt
WAITING_PAGES = threading.BoundedSemaphore(4)  # request threads per process that may wait; others show "fetching"


def wait(row: Snapshot) -> Snapshot:
    """The row once it has a response or a failure; as it is if none comes in time, or if too many pages wait."""
    if not WAITING_PAGES.acquire(blocking=False):
        return row
    try:
        refresh.wait(row, LONGEST_WAIT)
    finally:
        WAITING_PAGES.release()
    fresh = Snapshot.objects.filter(pk=row.pk).first() or row
    fresh.team = row.team
    return fresh
