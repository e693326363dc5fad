"""A file the worker touches while alive, for probes: it answers no requests.

It says that this process is not stuck, and nothing of the database: restarting a worker mends no outage.
"""

import tempfile
import time
from contextlib import suppress
from pathlib import Path

FILE = Path(tempfile.gettempdir()) / "jobs-dashboard-worker"
FRESH_FOR = 120  # seconds: longer than the slowest query may take


def beat() -> None:
    with suppress(OSError):  # where nothing can be written the work goes on, and only the probe fails
        FILE.touch()


def is_fresh() -> bool:
    """Whether a worker with this temporary folder has moved within FRESH_FOR."""
    try:
        return time.time() - FILE.stat().st_mtime < FRESH_FOR
    except OSError:
        return False
