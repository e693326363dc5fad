"""`jobs-dashboard serve` and `web`: replaces this process with gunicorn in our configuration."""

import os
import sys
from collections.abc import Sequence

from dashboard import paths
from dashboard.command_line import upgrade


def main(arguments: Sequence[str]) -> int:
    """Does not return."""
    configuration = str(paths.DATA / "gunicorn.conf.py")
    command = [sys.executable, "-m", "gunicorn", "--config", configuration, *arguments, "dashboard.wsgi"]
    os.chdir(paths.HOME)
    os.execv(sys.executable, command)


def upgraded(arguments: Sequence[str]) -> int:
    """Runs the upgrade first; returns its exit status if it fails."""
    before = dict(os.environ)
    failed = upgrade.run()
    if failed:
        return failed
    os.environ.clear()
    os.environ.update(before)  # the longer time limits of commands do not apply to pages
    return main(arguments)
