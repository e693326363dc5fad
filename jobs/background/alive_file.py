"""A file that the worker touches while alive, for probes, because it serves no HTTP.

It shows that the process is not stuck. It ignores the database, because restarting a worker does not end an outage.
"""

import tempfile
import time
from contextlib import suppress
from pathlib import Path

FILE = Path(tempfile.gettempdir()) / "jobs-dashboard-worker"
FRESH_FOR = 120  # seconds: longer than the slowest query may take


def beat() -> None:
    with suppress(OSError):  # if it cannot be written, only the probe fails
        FILE.touch()


def is_fresh() -> bool:
    """Whether a worker with this temporary folder has touched the file within FRESH_FOR."""
    try:
        return time.time() - FILE.stat().st_mtime < FRESH_FOR
    except OSError:
        return False
