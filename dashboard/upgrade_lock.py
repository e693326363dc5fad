"""A lock for concurrent upgrades: one process migrates while the others wait."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

LOCK = 0x6A6F6273  # "jobs"
AGAIN_AFTER = 0.5  # seconds


def wait_for_database(seconds: float) -> None:
    """Returns once the database responds. Raises OperationalError with the reason on a timeout."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            return
        except OperationalError:
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(AGAIN_AFTER)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Waits for the lock, which ends with the process that holds it."""
    with _in_postgresql() if connection.vendor == "postgresql" else _beside_the_file():
        yield


@contextmanager
def _in_postgresql() -> Iterator[None]:
    """A lock for a transaction on its own connection, so it works behind PgBouncer.

    Waiting processes retry without holding a connection, because a pooler may have few.
    """
    apart = connection.copy()
    try:
        apart.set_autocommit(False)
        while not _has_locked(apart):
            apart.rollback()
            time.sleep(AGAIN_AFTER)
        yield
        apart.rollback()  # a pool warns about a connection that comes back in a transaction
    finally:
        apart.close()


def _has_locked(apart: BaseDatabaseWrapper) -> bool:
    with apart.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


@contextmanager
def _beside_the_file() -> Iterator[None]:
    folder = os.open(Path(connection.settings_dict["NAME"]).parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
