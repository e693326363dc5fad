"""The entrypoint as a process: alone, two replicas on an empty database, and what prevents a start."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts import servers
from scripts.product import KEY, free_port, wait_for
from tests.deploy.test_operations import database

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "deploy/entrypoint.sh"
pytestmark = pytest.mark.processes


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "SECRET_KEY": "k" * 60, "ENV_FILE": "",
        "TOKEN_ENCRYPTION_KEYS": KEY, "PLAIN_HTTP": "on", "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        "STATIC_FOLDER": str(tmp_path / "static"), "WEB_WORKERS": "1", "PYTHONUNBUFFERED": "1",
    }  # fmt: skip


Start = Callable[..., tuple[subprocess.Popen[bytes], str, Path]]


@pytest.fixture
def start(tmp_path: Path, environment: dict[str, str]) -> Iterator[Start]:
    """Starts the entrypoint with these arguments; returns process, URL and log."""
    begun: list[subprocess.Popen[bytes]] = []

    def begin(*words: str, **more: str) -> tuple[subprocess.Popen[bytes], str, Path]:
        port, log = str(free_port()), tmp_path / f"{len(begun)}.log"
        given = environment | {"PORT": port} | more
        begun.append(
            subprocess.Popen([str(SCRIPT), *words], env=given, stdout=log.open("wb"), stderr=subprocess.STDOUT)
        )
        return begun[-1], f"http://127.0.0.1:{port}", log

    yield begin
    for process in begun:
        process.kill()
        process.wait(10)


@contextmanager
def empty_database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder}/db.sqlite3"
        return
    if not os.environ.get("TEST_DATABASE_URL", "").startswith("postgres"):
        pytest.skip("needs TEST_DATABASE_URL")
    with database("jobs_entrypoint") as address:
        yield address


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_concurrent_starts_migrate_once_and_both_serve(start: Start, tmp_path: Path, kind: str) -> None:
    with empty_database(kind, tmp_path) as address:
        waiting = start("worker", DATABASE_URL=address)
        replicas = [start("web", DATABASE_URL=address) for _ in range(2)]
        for process, url, log in replicas:
            wait_for(url + "/readyz", process)
            assert "Ready" not in log.read_text()
        applied = re.findall(r"Applying (\S+)", "".join(log.read_text() for _, _, log in replicas))
        assert len(applied) == len(set(applied)) > 10
        assert waiting[0].poll() is None, waiting[2].read_text()
        for process, _, log in [*replicas, waiting]:
            asked = time.monotonic()
            process.terminate()
            assert process.wait(15) == 0, log.read_text()
            assert time.monotonic() - asked < 10


@pytest.mark.slow
def test_the_start_waits_for_a_late_database(start: Start) -> None:
    if servers.initdb() is None:
        pytest.skip("no initdb here (on Debian: apt install postgresql)")
    with servers.postgresql() as server:
        server.stop()
        address = f"postgres://tests@127.0.0.1:{server.port}/postgres"
        process, url, log = start("web", DATABASE_URL=address)
        time.sleep(2)
        assert process.poll() is None, log.read_text()
        server.start()
        wait_for(url + "/readyz", process)


def test_a_configuration_error_is_one_line_and_exits(start: Start) -> None:
    process, _, log = start("web", SECRET_KEY="short")
    assert process.wait(20) == 1
    assert log.read_text().splitlines() == ["SECRET_KEY: expected a random text of at least 50 characters."]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["manage", "--version"], r"\d+\.\d+"),
        (["echo", "hello there"], "hello there"),
        (["upgrade", "--help"], "usage"),
    ],
    ids=["manage", "anything", "upgrade"],
)
def test_other_commands_are_run(start: Start, words: list[str], said: str) -> None:
    process, _, log = start(*words)
    assert process.wait(20) == 0
    assert re.search(said, log.read_text())


def test_the_web_process_does_not_import_the_simulator(environment: dict[str, str]) -> None:
    code = "import sys, dashboard.urls; print([name for name in sys.modules if name.startswith('jobs.simulator')])"
    done = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(); {code}"], cwd=ROOT, capture_output=True, text=True,
        env=environment | {"DJANGO_SETTINGS_MODULE": "dashboard.settings"}, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == "[]", done.stderr


class TestRelease:
    @pytest.fixture
    def jobs(self) -> Any:
        text = (ROOT / ".github/workflows/release.yaml").read_text()
        assert text.count("ghcr.io/") == 1  # set in only one place, for forks
        return yaml.safe_load(text)["jobs"]

    def test_the_image_is_multi_arch_with_a_bill_of_materials(self, jobs: Any) -> None:
        (build,) = [step["with"] for step in jobs["image"]["steps"] if "build-push" in step.get("uses", "")]
        assert build["platforms"] == "linux/amd64,linux/arm64"
        assert (build["sbom"], build["provenance"]) == (True, "mode=max")
        assert {line.partition("=")[0] for line in build["build-args"].splitlines()} == {
            "VERSION",
            "REVISION",
            "SOURCE",
        }

    def test_each_job_has_minimal_permissions(self, jobs: Any) -> None:
        may = {"contents", "packages", "id-token", "attestations"}
        assert all(set(job["permissions"]) <= may for job in jobs.values())
