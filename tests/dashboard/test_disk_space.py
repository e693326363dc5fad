"""A full disk is reported to people, to probes and in the log; no process dies of it."""

import os
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from dashboard import disk_space
from scripts.product import ROOT
from tests.conftest import PASSWORD, Stage

pytestmark = pytest.mark.django_db
WRITES = ("INSERT", "UPDATE")


@pytest.fixture
def anyone() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def full() -> Iterator[None]:
    """Writes fail with SQLite's error for a full disk; reading works."""

    def write(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith(WRITES):
            raise OperationalError("database or disk is full")
        return execute(sql, *rest)

    with connection.execute_wrapper(write):
        yield


class TestSignInWithoutSpace:
    TYPED = {"login": "alice", "password": PASSWORD}

    def test_a_full_disk_is_not_reported_as_too_many_attempts(
        self, stage: Stage, anyone: Client, full: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(disk_space, "LEAST_FREE", 1 << 62)  # this disk counts as full too
        answer = anyone.post("/accounts/login/", self.TYPED)
        assert answer.status_code == 507
        assert b"No disk space" in answer.content
        assert "no-store" in answer.headers["Cache-Control"]

    def test_machines_get_an_error_code(
        self, stage: Stage, anyone: Client, full: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(disk_space, "LEAST_FREE", 1 << 62)
        answer = anyone.post("/accounts/login/", self.TYPED, headers={"Accept": "application/json"})
        assert answer.json()["error"] == "no_space"

    def test_sign_in_works_with_space(self, stage: Stage, anyone: Client) -> None:
        assert anyone.post("/accounts/login/", self.TYPED).status_code == 302


class TestReadyz:
    def test_it_is_degraded_before_the_disk_is_full(
        self, anyone: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(disk_space, "LEAST_FREE", 1 << 62)
        if connection.vendor != "sqlite":
            pytest.skip("PostgreSQL's disk is PostgreSQL's to watch")
        assert anyone.get("/readyz").status_code == 503
        assert "not ready: disk" in caplog.text


COUNT = """
import os, sys
os.environ["PROMETHEUS_MULTIPROC_DIR"] = sys.argv[1]
import django
django.setup()
from django.core.exceptions import MiddlewareNotUsed
from dashboard.observability.metrics import Measured
try:
    Measured(lambda request: None)
except MiddlewareNotUsed:
    print("uncounted")
else:
    print("counted")
"""


@pytest.mark.processes
@pytest.mark.parametrize(("filled", "said"), [("head -c 9000000 /dev/zero", "uncounted"), ("true", "counted")])
def test_metrics_without_space_crash_no_process(tmp_path: Path, filled: str, said: str) -> None:
    """Writing to mapped memory of a file on a full file system ends the process with SIGBUS."""
    pytest.importorskip("prometheus_client")
    mount = f'mount -t tmpfs -o size=8m tmpfs "$0" && {filled} > "$0/filled" 2>/dev/null; exec "$@"'
    environment = {"DJANGO_SETTINGS_MODULE": "dashboard.settings", "DEBUG": "on", "PATH": os.defpath}
    command = ["unshare", "-m", "sh", "-c", mount, str(tmp_path), sys.executable, "-c", COUNT, str(tmp_path)]
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("no unshare here")
    if "unshare:" in done.stderr or "mount:" in done.stderr:
        pytest.skip("nothing may be mounted here")
    assert (done.returncode, done.stdout.strip()) == (0, said), done.stderr


SHOW = "import os, runpy; runpy.run_path('gunicorn.conf.py'); print(os.environ['PROMETHEUS_MULTIPROC_DIR'])"


@pytest.mark.processes
def test_metrics_and_downloads_use_separate_folders(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    environment = {"METRICS_TOKEN": "t", "TMPDIR": str(tmp_path), "PATH": os.defpath}
    for given, parent in (({"RUNTIME_DIRECTORY": str(tmp_path / "run")}, tmp_path / "run"), ({}, Path("/dev/shm"))):
        command = [sys.executable, "-c", SHOW]
        done = subprocess.run(command, cwd=ROOT, env=environment | given, capture_output=True, text=True, check=True)
        assert Path(done.stdout.strip()).parent == (parent if parent.is_dir() else tmp_path)


def test_space_reserved_but_unused_is_released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    used, file = 72, tmp_path / "counter_4711.db"
    file.write_bytes(used.to_bytes(4, sys.byteorder) + bytes(1_000_000))
    other = tmp_path / "counter_14711.db"
    other.write_bytes(bytes(1000))
    runpy.run_path(str(ROOT / "gunicorn.conf.py"))["child_exit"](None, SimpleNamespace(pid=4711, age=1))
    assert (file.stat().st_size, other.stat().st_size) == (used, 1000)


def test_what_an_ended_process_had_in_memory_counts_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    for name in ("gauge_livesum_4711.db", "gauge_livesum_4712.db", "counter_4711.db"):
        (tmp_path / name).write_bytes(bytes(100))
    runpy.run_path(str(ROOT / "gunicorn.conf.py"))["child_exit"](None, SimpleNamespace(pid=4711, age=1))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["counter_4711.db", "gauge_livesum_4712.db"]
