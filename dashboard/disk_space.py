"""Distinguishes a full disk from an unreachable database, for people and probes."""

import errno
import os
from pathlib import Path

from django.db import OperationalError, connection

LEAST_FREE = 16_000_000  # bytes on the disk of a SQLite file; with less, the next write may fail
FULL = {errno.ENOSPC, errno.EDQUOT}
OF_SQLITE, OF_POSTGRESQL = "database or disk is full", "53100"


def is_full(error: BaseException | None) -> bool:
    """Whether lack of space caused this error."""
    if isinstance(error, OSError):
        return error.errno in FULL
    if not isinstance(error, OperationalError):
        return False
    return OF_SQLITE in str(error) or getattr(error.__cause__, "sqlstate", "") == OF_POSTGRESQL or not has_space()


def has_space() -> bool:
    """Whether SQLite's disk has space for the next write; True for PostgreSQL, whose disk is unknown."""
    if connection.vendor != "sqlite":
        return True
    try:
        disk = os.statvfs(Path(str(connection.settings_dict["NAME"])).parent)
    except OSError:
        return True  # in memory, or missing, which another check reports
    return disk.f_bavail * disk.f_frsize >= LEAST_FREE
