"""`manage.py worker` as a process: it runs due work, stops in time, and may be killed."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.processes, pytest.mark.slow]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("worker") / "db.sqlite3"
    manage(found, "migrate", "--verbosity", "0").wait(180)
    return found


def manage(file: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment(file))


def environment(file: Path) -> dict[str, str]:
    settings = {"DATABASE_URL": f"sqlite:///{file}", "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
    return os.environ | settings | {"TMPDIR": str(file.parent)}


@contextmanager
def worker(file: Path) -> "Iterator[subprocess.Popen[bytes]]":
    process = manage(file, "worker")
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


def ask(file: Path, query: str) -> object:
    with sqlite3.connect(file, timeout=20) as connection:
        row = connection.execute(query).fetchone()
    return row[0] if row else None


def until(condition: Callable[[], object], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def its_probe(file: Path) -> int:
    command = [sys.executable, "-m", "dashboard", "worker", "--alive"]
    return subprocess.run(command, cwd=ROOT, env=environment(file), check=False, timeout=20).returncode


PURGED = "SELECT count(*) FROM jobs_work WHERE key = 'purge' AND done_at IS NOT NULL AND lease IS NULL"


def test_worker_purges_reports_its_heartbeat_and_stops_on_sigterm(file: Path) -> None:
    with worker(file) as process:
        until(lambda: ask(file, PURGED))
        assert ask(file, "SELECT count(*) FROM jobs_worker") == 1
        assert its_probe(file) == 0
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert time.monotonic() - started < 10


def test_another_worker_takes_over_after_a_kill(file: Path) -> None:
    """As after kill -9: the row is leased, and the queue's task stays "running"."""
    with sqlite3.connect(file, timeout=20) as connection:
        connection.execute("DELETE FROM jobs_work")
        connection.execute(
            "INSERT INTO jobs_work (key, kind, due_at, lease, lease_until, failures)"
            f" VALUES ('purge', 'purge', datetime('now', '-1 second'), '{'ab' * 16}', datetime('now', '-1 second'), 0)"
        )
        connection.execute("UPDATE django_tasks_database_dbtaskresult SET status = 'RUNNING'")
    with worker(file):
        until(lambda: ask(file, PURGED))


def test_a_task_of_an_unknown_kind_does_not_stop_the_worker(file: Path) -> None:
    with sqlite3.connect(file, timeout=20) as connection:
        connection.execute("DELETE FROM jobs_work")
        connection.execute(
            "UPDATE django_tasks_database_dbtaskresult SET status = 'READY', task_path = 'no.such.thing'"
        )
    with worker(file) as process:
        until(lambda: ask(file, PURGED))
        assert process.poll() is None
