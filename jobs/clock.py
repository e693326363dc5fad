"""The time by the database's clock, so that all processes sharing it agree.

For leases, what is due and the circuit breaker. The database is asked twice a minute; between, the time is counted on
from there, so that asking for the time costs no query.
"""

import time
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

MEASURED_EVERY = 30  # seconds
_measured: tuple[datetime, float] | None = None  # the database's time, and time.monotonic() at that moment


def now() -> datetime:
    """The present time by the database; by this machine on SQLite, whose processes share one machine."""
    if connection.vendor != "postgresql":
        return timezone.now()
    if _measured is None or time.monotonic() - _measured[1] > MEASURED_EVERY:
        measure()
    return _counted_on() or timezone.now()


def measure() -> None:
    """Queries the database for its time."""
    global _measured
    if connection.vendor != "postgresql":
        return
    before = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found = cursor.fetchone()
    _measured = found[0], (before + time.monotonic()) / 2


def difference() -> timedelta:
    """How far this machine's clock is ahead of the database's; negative when behind."""
    measure()
    return timezone.now() - (_counted_on() or timezone.now())


def corrected(at: datetime) -> datetime:
    """A time of this machine's clock converted to the database's."""
    return at + (now() - timezone.now())


def _counted_on() -> datetime | None:
    if _measured is None:
        return None
    at, moment = _measured
    return at + timedelta(seconds=time.monotonic() - moment)
