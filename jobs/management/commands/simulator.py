"""`manage.py simulator [--host HOST] [--port N] [--day [JOBS]]`."""

import signal
import threading
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs.simulator import Simulator, busy_day
from jobs.simulator.scenarios import MAIN


class Command(BaseCommand):
    help = (
        "Serves the stand-in Transform API: invented jobs that move while you watch. Prints its address, a token for"
        " each workspace and the jobs worth a look; Ctrl-C ends it."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
        parser.add_argument(
            "--port", type=int, default=8900, help="port to listen on, 0 for any free one (%(default)s)"
        )

        parser.add_argument(
            "--day",
            type=int,
            nargs="?",
            const=busy_day.JOBS,
            default=0,
            metavar="JOBS",
            help="the main workspace has had a busy day, of 2,000 jobs or as many as said",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            simulator = Simulator(
                options["host"], options["port"], busy=MAIN if options["day"] > 0 else "", jobs=options["day"]
            )
        except (OSError, OverflowError) as error:
            raise CommandError(f"Cannot listen on {options['host']}:{options['port']}: {error}") from None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda _number, _frame: _end(simulator, _frame))
        self._print(simulator)
        simulator.serve_forever()

    def _print(self, simulator: Simulator) -> None:
        self.stdout.write(f"Simulated Transform API on {simulator.url}\n\nTokens")
        for slug, token in simulator.tokens.items():
            self.stdout.write(f"  {slug}  {token}")
        self.stdout.write("\nJobs")
        for _workspace, own, what in simulator.demo_jobs():
            self.stdout.write(f"  {own}  {what}")
        self.stdout.flush()


def _end(simulator: Simulator, _frame: FrameType | None) -> None:
    """Stops the simulator in another thread, because stopping waits for the serving loop."""
    threading.Thread(target=simulator.stop).start()
