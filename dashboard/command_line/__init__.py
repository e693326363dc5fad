"""`jobs-dashboard COMMAND …`: all commands for operators, from a source tree or an installed package."""

import re
import sys
from collections.abc import Callable, Sequence

from dashboard.command_line import start
from dashboard.environment import Refused
from jobs import __version__

Arguments = Sequence[str]
USAGE = f"""\
usage: jobs-dashboard COMMAND …

  demo     the dashboard with a ready team and a simulated API, until Ctrl-C
  web      upgrade, then serve
  serve    serve the pages; arguments are gunicorn's, such as --bind 0.0.0.0:8000
  worker   run background work, once the database is of this version; --alive is its probe
  manage   a command of Django's or ours; `jobs-dashboard manage help` lists them
  upgrade  bring database and static files to this version, and check the configuration

Version {__version__}. docs/deploy.md says how they belong together."""


def main(arguments: Arguments | None = None) -> int:
    """The exit status."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given[:1] == ["--version"]:
        print(__version__)
        return 0
    command = COMMANDS.get(given[0]) if given else None
    if command is None:
        asked = given[:1] in (["--help"], ["-h"], ["help"])
        print(USAGE, file=sys.stdout if asked else sys.stderr)
        return 0 if asked else 2
    return command(given[1:])


def manage(arguments: Arguments) -> int:
    from django.core.management import execute_from_command_line
    from django.db import InterfaceError, OperationalError, ProgrammingError

    try:
        # Migrations may take longer than pages; a worker must notice a hanging database.
        start.prepared(database_seconds=30 if arguments[:1] == ["worker"] else 900)
        execute_from_command_line(["manage.py", *arguments])
    except Refused as error:
        print(error, file=sys.stderr)
        return 1
    except (OperationalError, InterfaceError, ProgrammingError) as error:
        first_line = str(error).partition("\n")[0]
        is_of_another_version = re.search("no such (table|column)|does not exist", first_line)
        if "--traceback" in arguments or (isinstance(error, ProgrammingError) and not is_of_another_version):
            raise
        print(f"The database: {first_line}", file=sys.stderr)
        if is_of_another_version:
            print("It is not of this version: run `jobs-dashboard upgrade`.", file=sys.stderr)
        return 1
    return 0


def _serve(arguments: Arguments) -> int:
    from dashboard.command_line import serve

    return serve.main(arguments)


def _web(arguments: Arguments) -> int:
    from dashboard.command_line import serve

    return serve.upgraded(arguments)


def _worker(arguments: Arguments) -> int:
    from dashboard.command_line import worker

    return worker.main(arguments)


def _demo(arguments: Arguments) -> int:
    from dashboard import demo

    return demo.main(arguments)


def _upgrade(arguments: Arguments) -> int:
    from dashboard.command_line import upgrade

    return upgrade.main(arguments)


COMMANDS: dict[str, Callable[[Arguments], int]] = {
    "demo": _demo,
    "web": _web,
    "serve": _serve,
    "worker": _worker,
    "manage": manage,
    "upgrade": _upgrade,
}
