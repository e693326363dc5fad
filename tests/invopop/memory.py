"""A program that requests one URL repeatedly and prints how far the memory's peak rose each time.

Lines in: a fault's name, only to be repeated. Lines out: JSON of name, class and megabytes. Linux only (/proc).
"""

import json
import sys
from pathlib import Path

from jobs.invopop.client import Client
from jobs.invopop.errors import APIError
from tests.invopop.asking import OpaqueToken
from tests.misbehaving.job import JOB_ID


def main(url: str) -> None:
    client = Client(url, OpaqueToken())
    _ask(client)
    base = _status("VmRSS")
    for line in sys.stdin:
        Path("/proc/self/clear_refs").write_text("5")  # the peak counts from now
        found = _ask(client)
        print(json.dumps([line.strip(), found, (_status("VmHWM") - base) / 1000]), flush=True)


def _ask(client: Client) -> str:
    try:
        client.job(JOB_ID)
    except APIError as error:
        return f"{type(error).__name__}: {error.reason}"
    return "show"


def _status(field: str) -> int:
    """Kilobytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1])


if __name__ == "__main__":
    main(sys.argv[1])
