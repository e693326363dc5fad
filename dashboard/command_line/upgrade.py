"""`jobs-dashboard upgrade`: everything to do before new code serves its first request; safe to repeat."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence

from dashboard.command_line.start import started
from dashboard.environment import Refused
from jobs import __version__

WAIT = 60  # seconds


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 if this version can serve."""
    parser = ArgumentParser(
        "jobs-dashboard upgrade",
        description="Migrates the database, collects the static files and checks the configuration. Several may do so"
        " at once: one does, the others wait.",
    )
    parser.add_argument("--wait", type=int, default=WAIT, help="seconds to wait for the database (%(default)s)")
    given = parser.parse_args(arguments)
    done = run(given.wait)
    if not done:
        print(f"Version {__version__} is ready. Restart what serves and works, one process after the other.")
    return done


def run(wait: int = WAIT) -> int:
    """The exit status."""
    from django.core.management import CommandError, call_command
    from django.db import DatabaseError

    try:
        started()
        from dashboard import upgrade_lock
        from dashboard.observability import health

        upgrade_lock.wait_for_database(wait)
        with upgrade_lock.one_at_a_time():
            _say("Migrating the database")
            call_command("migrate", interactive=False)
            if not health.static_files_ready():
                _say("Collecting the static files")
                call_command("collectstatic", interactive=False, verbosity=0)
        _say("Checking the configuration")
        call_command("check", deploy=True, databases=["default"])
    except (Refused, CommandError, DatabaseError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _say(what: str) -> None:
    print(f"{what} …", flush=True)
