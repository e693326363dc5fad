"""The worker while its database is down: it keeps running, recovers, and stops when asked to."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import psycopg
import pytest

from scripts.servers import Server
from tests.processes.fleet import eventually

ROOT = Path(__file__).resolve().parents[2]
Worker = subprocess.Popen[bytes]


def heard(address: str) -> datetime | None:
    with psycopg.connect(address) as connection:
        row = connection.execute("SELECT max(heard_at) FROM jobs_worker").fetchone()
        return row[0] if row else None


def manage(address: str, *arguments: str) -> Worker:
    environment = os.environ | {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
    return subprocess.Popen([sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment)


@pytest.fixture(scope="module")
def address(own_postgresql: Server) -> str:
    found = f"postgres://tests@127.0.0.1:{own_postgresql.port}/postgres"
    assert manage(found, "migrate", "--verbosity", "0").wait(120) == 0
    return found


@pytest.fixture
def worker(address: str) -> Iterator[Worker]:
    before = heard(address)
    process = manage(address, "worker")
    eventually(lambda: heard(address) != before, 20)
    yield process
    process.kill()
    process.wait(10)


def test_the_worker_survives_an_outage(own_postgresql: Server, address: str, worker: Worker) -> None:
    own_postgresql.stop()
    time.sleep(3)  # long enough for every thread to meet it
    own_postgresql.start()
    before = heard(address)
    eventually(lambda: heard(address) != before, 20)
    assert worker.poll() is None


@pytest.mark.parametrize("how", ["stopped", "hung"])
def test_the_worker_stops_within_ten_seconds_without_its_database(
    own_postgresql: Server, address: str, worker: Worker, how: str
) -> None:
    if how == "stopped":
        own_postgresql.stop()
    else:
        own_postgresql.hang()
    try:
        time.sleep(2)
        started = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(10) == 0
        assert time.monotonic() - started < 10
    finally:
        if how == "stopped":
            own_postgresql.start()
        else:
            own_postgresql.resume()
