"""Serving replaces the started process with gunicorn in our configuration."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.processes


def served(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "dashboard", *arguments], cwd=ROOT, capture_output=True, text=True, check=False,
        timeout=60,
        env={"PATH": os.environ["PATH"], "ENV_FILE": "", "DEBUG": "on", **environment},
    )  # fmt: skip


def test_our_gunicorn_configuration_is_checked() -> None:
    done = served("serve", "--check-config", "--print-config")
    assert done.returncode == 0, done.stderr
    assert "dashboard.serving.worker" in done.stdout


def test_unknown_gunicorn_options_are_refused_by_gunicorn() -> None:
    done = served("serve", "--no-such-thing")
    assert done.returncode != 0
    assert "no-such-thing" in done.stderr
