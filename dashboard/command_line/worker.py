"""`jobs-dashboard worker`: `manage.py worker`, once a database of this version is available.

`jobs-dashboard worker --alive` is for probes: 0 while this container's worker is not stuck.
"""

import sys
import time
from collections.abc import Sequence

from dashboard.command_line import manage
from dashboard.command_line.start import started
from dashboard.environment import Refused
from jobs.background import alive_file

WAIT = 300  # seconds: as long as an upgrade may take
AGAIN_AFTER = 1.0  # seconds


def main(arguments: Sequence[str]) -> int:
    """The exit status."""
    if list(arguments) == ["--alive"]:
        return 0 if alive_file.is_fresh() else 1
    if not {"--help", "-h"} & set(arguments):
        try:
            problem = _wait()
        except Refused as error:
            problem = str(error)
        if problem:
            print(problem, file=sys.stderr)
            return 1
    return manage(["worker", *arguments])


def _wait() -> str:
    """Waits for a usable database; returns why there is none, or ""."""
    started(database_seconds=30)
    from django.db import DatabaseError

    from dashboard import upgrade_lock
    from dashboard.observability import health

    deadline = time.monotonic() + WAIT
    try:
        upgrade_lock.wait_for_database(WAIT)
        while not health.is_migrated():
            if time.monotonic() > deadline:
                return "The database is not of this version: run `jobs-dashboard upgrade`."
            time.sleep(AGAIN_AFTER)
    except DatabaseError as error:
        return str(error)
    return ""
