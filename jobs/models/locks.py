"""SQLite's write lock, for a write that must not wait for another writer. PostgreSQL locks rows instead."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection


@contextmanager
def without_waiting() -> Iterator[None]:
    """A write inside raises OperationalError, which `is_locked` recognizes, if another writer holds the lock."""
    if connection.vendor != "sqlite":
        yield
        return
    _wait_at_most(0)
    try:
        yield
    finally:
        _wait_at_most(connection.settings_dict["OPTIONS"]["timeout"])


def is_locked(error: OperationalError) -> bool:
    """Whether a write failed because another writer holds the lock."""
    code: int = getattr(error.__cause__, "sqlite_errorcode", 0)
    return code & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}  # the rest of the code is a detail


def _wait_at_most(seconds: float) -> None:
    connection.ensure_connection()
    connection.connection.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")
