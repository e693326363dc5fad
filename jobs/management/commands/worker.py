"""`manage.py worker [--threads N]`."""

import logging
import os
import signal
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from jobs.background import worker_process
from jobs.background.stopping import stopping


class Command(BaseCommand):
    help = (
        "Does what nobody waits for: reads workspaces, sends messages, drops what was kept long enough. Runs until"
        " SIGTERM; several may run beside each other on PostgreSQL, one on SQLite."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--threads", type=int, default=2, help="how much is done at once (%(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        stopping.clear()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _stop)
        if not worker_process.run(max(1, options["threads"])):
            logging.shutdown()
            os._exit(0)  # unfinished work has a lease and will be run again


def _stop(number: int, _frame: FrameType | None) -> None:
    """Stops the worker; a second signal ends it at once."""
    if stopping.is_set():
        os._exit(128 + number)
    stopping.set()
