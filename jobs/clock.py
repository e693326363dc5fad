"""The time of the database's clock, so that all processes agree.

It is used for leases, due times and the circuit breaker. The database is queried twice a minute; in between, the local
monotonic clock is added, so that reading the time needs no query.
"""

import time
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

MEASURED_EVERY = 30  # seconds
_measured: tuple[datetime, float] | None = None  # the database's time, and time.monotonic() at the same moment


def now() -> datetime:
    """The database's current time; this machine's on SQLite, whose processes share a machine."""
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
    """How far this machine's clock is ahead of the database's; negative if behind."""
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
