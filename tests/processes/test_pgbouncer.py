"""PgBouncer in transaction mode, where each transaction may use another connection."""

import getpass
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.dashboard.test_checks import SOUND
from tests.deploy.test_operations import database, manage, shell

ROOT = Path(__file__).resolve().parents[2]
PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = [
    pytest.mark.skipif(
        not os.environ.get("TEST_DATABASE_URL", "").startswith("postgres"), reason="needs TEST_DATABASE_URL"
    ),
    pytest.mark.skipif(PGBOUNCER is None, reason="needs Debian's pgbouncer"),
]
ROWS = 1_700
RECORD = f"""
from datetime import timedelta
from uuid import UUID
from django.contrib.auth.models import User
from django.utils import timezone
from jobs.models import LookUp, Membership, Team
team, alice = Team.objects.get(slug="acme"), User.objects.create_user("alice")
Membership.objects.create(team=team, user=alice, role="manager")
now = timezone.now()
LookUp.objects.bulk_create(
    LookUp(team=team, user=alice, job_id=UUID(int=n), at=now - timedelta(seconds=n)) for n in range({ROWS})
)
"""
EXPORTS = """
from concurrent.futures import ThreadPoolExecutor
from threading import Semaphore
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
turns = Semaphore(2)  # more at once are asked to try again
def export(_):
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(username="alice"))
    try:
        pages = [client.get("/teams/acme/").status_code, client.get("/teams/acme/settings/audit/").status_code]
        with turns:
            return [*pages, b"".join(client.get("/teams/acme/settings/audit.csv")).count(b"\\n")]
    finally:
        connection.close()
with ThreadPoolExecutor(6) as threads:
    print(list(threads.map(export, range(12))))
"""


@pytest.fixture
def bouncer(tmp_path: Path) -> Iterator[str]:
    """The address of a database behind a PgBouncer that has three connections for everybody."""
    port = _free_port()
    with database("jobs_bouncer") as direct:
        parts = urlsplit(direct)
        target = f"host={parts.hostname} port={parts.port or 5432} dbname={parts.path[1:]} user={parts.username}"
        target += f" password={parts.password}" if parts.password else ""
        (tmp_path / "pgbouncer.ini").write_text(
            f"[databases]\njobs = {target}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n"
            "auth_type = any\npool_mode = transaction\ndefault_pool_size = 3\nunix_socket_dir =\n"
            "ignore_startup_parameters = options\n"
        )
        started = _started(tmp_path)
        address = urlunsplit(("postgres", f"anybody@127.0.0.1:{port}", "/jobs", "", ""))
        try:
            _wait_for(address)
            yield address
        finally:
            started.terminate()
            started.wait(10)


def test_an_audit_export_is_complete_beside_other_requests(bouncer: str) -> None:
    manage(bouncer, "migrate", "--verbosity", "0")
    manage(bouncer, "create_team", "acme", "--name", "Acme")
    shell(bouncer, RECORD)
    answers = shell(bouncer, EXPORTS, DJANGO_SETTINGS_MODULE="tests.settings", TEST_DATABASE_URL=bouncer)
    assert answers.splitlines()[-1] == str([[200, 200, ROWS + 1]] * 12)


def test_concurrent_upgrades_queue_with_few_connections(bouncer: str, tmp_path: Path) -> None:
    folder = {"STATIC_FOLDER": str(tmp_path / "static"), "PATH": os.environ["PATH"], "ENV_FILE": ""}
    begun = [
        subprocess.Popen(
            [sys.executable, "-m", "dashboard", "upgrade"], cwd=ROOT, env=SOUND | folder | {"DATABASE_URL": bouncer},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for _ in range(4)
    ]  # fmt: skip
    output = [process.communicate(timeout=120)[0] for process in begun]
    assert [process.returncode for process in begun] == [0] * 4, output[0]
    assert sum("Applying jobs.0001" in each for each in output) == 1


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def _started(folder: Path) -> "subprocess.Popen[bytes]":
    """It refuses to run as root."""
    assert PGBOUNCER is not None
    command = [PGBOUNCER, "-q", str(folder / "pgbouncer.ini")]
    if getpass.getuser() == "root":
        for each in (folder, *folder.parents[:3]):
            each.chmod(0o755)
        command = ["setpriv", "--reuid=nobody", "--clear-groups", *command]
    return subprocess.Popen(command)


def _wait_for(address: str) -> None:
    until = time.monotonic() + 10
    while True:
        try:
            psycopg.connect(address, connect_timeout=2).close()
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return
