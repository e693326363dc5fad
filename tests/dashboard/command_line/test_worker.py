"""The worker waits for a database of its version, and reports obstacles in one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.command_line import worker

ROOT = Path(__file__).resolve().parents[3]


def test_the_worker_waits_as_long_as_an_upgrade_may_take() -> None:
    assert worker.AGAIN_AFTER < 60 <= worker.WAIT


@pytest.mark.processes
def test_a_wrong_variable_stops_the_start_with_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dashboard", "worker"], cwd=ROOT, capture_output=True, text=True, check=False,
        timeout=60,
        env={"PATH": os.environ["PATH"], "ENV_FILE": "", "DEBUG": "on", "DATABASE_URL": "mysql://a:hunter2@db/jobs"},
    )  # fmt: skip
    assert done.returncode == 1
    assert "DATABASE_URL" in done.stderr
    assert "hunter2" not in done.stderr
    assert "Traceback" not in done.stderr
