"""An upgrade migrates, collects and checks once, and reports obstacles in one line."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.processes


def upgrade(folder: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    given = {"DATABASE_URL": f"sqlite:///{folder}/db.sqlite3", "STATIC_FOLDER": str(folder / "static")}
    return subprocess.run(
        [sys.executable, "-m", "dashboard", "upgrade", *arguments], cwd=ROOT, capture_output=True, text=True,
        check=False, env={"PATH": os.environ["PATH"], "ENV_FILE": "", "DEBUG": "on", **given, **environment},
        timeout=120,
    )  # fmt: skip


def test_a_new_database_is_migrated_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        done = upgrade(tmp_path)
        assert done.returncode == 0, done.stderr
        assert "is ready" in done.stdout
    with sqlite3.connect(tmp_path / "db.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM jobs_team").fetchone() == (0,)


def test_a_wrong_variable_stops_the_start_with_one_line(tmp_path: Path) -> None:
    done = upgrade(tmp_path, DATABASE_URL="mysql://a:hunter2@db/jobs")
    assert done.returncode == 1
    assert "DATABASE_URL" in done.stderr
    assert "hunter2" not in done.stderr
    assert "Traceback" not in done.stderr
