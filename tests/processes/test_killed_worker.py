"""A worker killed at any write loses nothing, and two at once do nothing twice."""

import json
import os
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from jobs.simulator.server import Simulator

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.processes, pytest.mark.slow]


@contextmanager
def postgresql() -> Iterator[str]:
    server, name = os.environ["TEST_DATABASE_URL"], f"jobs_killed_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/db.sqlite3"
    elif not os.environ.get("TEST_DATABASE_URL", "").startswith("postgres"):
        pytest.skip("TEST_DATABASE_URL names no PostgreSQL (.ci/run starts one)")
    else:
        with postgresql() as url:
            yield url


def test_a_worker_killed_at_any_write_loses_nothing(database: str) -> None:
    with Simulator() as api:
        environment = {name: value for name, value in os.environ.items() if name != "TEST_DATABASE_URL"}
        environment |= {"DATABASE_URL": database, "INVOPOP_API_URL": api.url, "SWEEP_A_MINUTE": "100000"}
        environment |= {"LOG_LEVEL": "ERROR", "DJANGO_SETTINGS_MODULE": "tests.settings"}
        command = [sys.executable, "-m", "tests.background.killed", api.url]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        asked = Counter(each.path.rpartition("/")[2] for each in api.requests.all())
    assert done.returncode == 0, done.stderr[-3000:]
    rounds = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rounds) > 20, done.stderr[-3000:]
    assert [each["killed"] for each in rounds] == [9] * (len(rounds) - 1) + [0]
    assert [each for each in rounds if each["ended"] != [0, 0] or each["found"]] == []
    # Asked once; once more where it was killed between the answer and the write that keeps it.
    counts = Counter(asked[each["job"]] for each in rounds)
    assert set(counts) <= {1, 2}
    assert counts[2] <= 12
