"""Upgrades from each release of the last year and back, as in docs/deploy.md, while a job is watched."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests

from jobs.simulator.scenarios import MAIN
from jobs.simulator.server import Simulator
from jobs.simulator.tokens import tokens
from scripts.product import KEY, PASSWORD, TEAM, USER, free_port, wait_for
from tests.deploy.test_operations import database

ROOT = Path(__file__).resolve().parents[2]
RELEASES = {  # the last commit of each
    "1.0.0": "c238d7a5106f90977f3df55a612f49c3d9cb2b9c",
    "1.1.0": "782909bb440eb749509636ea854549d045187bb3",
    "1.2.0": "dd4dfe42d41469b731cbcacada414f5d09c31018",
    "1.3.0": "d08e5183dcc70c1b3fa93a449f6fd1b0a858f886",
    "1.4.0": "93660de70be4e56986e673a954e03b410c49220c",
    "1.5.0": "241d0dad107062a67651cecb0e813ca11164a5a6",
    "1.6.0": "5c0c1caa123f2f7122153a3277b9c6aa3f96fd65",
    "1.7.0": "474c1c0a5942d70fec5fd65faf127cea86321d21",
    "1.8.0": "ba6601bb49b13895b9982deaa0e6996bb7f0f12a",
}
PAGES = ("", "jobs/", "failures/", "notifications/", "settings/", "settings/audit/")  # of a team
PAUSE = 0.4  # seconds between two looks of the watcher: a page of it costs an old release much
pytestmark = [pytest.mark.processes, pytest.mark.slow]


@dataclass
class Installation:
    """A database and a folder of static files, with the code of two versions."""

    folder: Path
    environment: dict[str, str]
    serving: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)  # by address

    def run(self, code: Path, *command: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *command], cwd=code, env=self.environment, input=typed, text=True, capture_output=True,
            check=False, timeout=400,
        )  # fmt: skip

    def start(self, code: Path) -> str:
        url = f"http://127.0.0.1:{free_port()}"
        log = (self.folder / f"{code.name}.log").open("ab")
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "dashboard.wsgi",
            "--workers",
            "1",
            "--bind",
            url[len("http://") :],
        ]
        process = subprocess.Popen(command, cwd=code, env=self.environment, stdout=log, stderr=log)
        self.serving[url] = process
        wait_for(url + "/readyz", process)
        return url

    def stop(self, url: str) -> None:
        process = self.serving.pop(url)
        process.terminate()
        assert process.wait(20) == 0


@pytest.fixture(scope="module", params=RELEASES)
def old(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code of a release."""
    folder = tmp_path_factory.mktemp("release")
    packed = subprocess.run(["git", "archive", RELEASES[request.param]], cwd=ROOT, capture_output=True, check=False)
    if packed.returncode:
        pytest.skip("that release is not in this copy of the history")
    with tarfile.open(fileobj=BytesIO(packed.stdout)) as archive:
        archive.extractall(folder / "old", filter="data")
    lend_what_is_missing(folder)
    return folder / "old"


def lend_what_is_missing(folder: Path) -> None:
    """Its packages are today's, newer as they are, and from its own lock those that nothing needs any more."""
    lock = (folder / "old/requirements/runtime.txt").read_text()
    entries = re.findall(r"^[a-z][^=]+==[^\\]+\\\n(?:    --hash.*\n)+", lock, re.MULTILINE)
    unknown = [
        each for each in entries if ";" not in each and not _is_installed(each.partition("==")[0].partition("[")[0])
    ]
    (folder / "missing.txt").write_text("".join(unknown))
    pip = [
        shutil.which("python3") or sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--require-hashes",
    ]
    command = [*pip, "--target", str(folder / "lent"), "--requirement", str(folder / "missing.txt")]
    if unknown and subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("what the release before stands on cannot be fetched here")


def _is_installed(package: str) -> bool:
    try:
        return bool(importlib.metadata.version(package))
    except importlib.metadata.PackageNotFoundError:
        return False


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A database for both versions: on PostgreSQL where there is one."""
    if os.environ.get("TEST_DATABASE_URL", "").startswith("postgres"):
        with database("jobs_upgrade") as found:
            yield found
    else:
        yield f"sqlite:///{tmp_path}/db.sqlite3"


@pytest.fixture
def installation(tmp_path: Path, old: Path, address: str) -> Iterator[Installation]:
    with Simulator() as simulator:
        environment = {
            "PATH": os.environ["PATH"], "SECRET_KEY": "upgrade-" + "k" * 50, "TOKEN_ENCRYPTION_KEYS": KEY,
            "PLAIN_HTTP": "on", "DATABASE_URL": address, "ENV_FILE": "",
            "STATIC_FOLDER": str(tmp_path / "static"), "INVOPOP_API_URL": simulator.url,
            "DJANGO_SUPERUSER_PASSWORD": PASSWORD, "WEB_WORKERS": "1", "PYTHONPATH": str(old.parent / "lent"),
        }  # fmt: skip
        made = Installation(tmp_path, environment)
        for typed, *command in (
            ("", "migrate", "--verbosity", "0"),
            ("", "collectstatic", "--noinput", "--verbosity", "0"),
            ("", "createsuperuser", "--noinput", "--username", USER, "--email", "alice@example.com"),
            ("", "create_team", TEAM, "--name", "Acme", "--member", USER),
            (tokens()[MAIN], "set_token", TEAM),
        ):
            done = made.run(old, "manage.py", *command, typed=typed)
            assert done.returncode == 0, done.stderr
        try:
            yield made
        finally:
            for process in made.serving.values():
                process.kill()


@dataclass
class Watcher:
    """An open page: polls any running process, like a balancer, and records all responses."""

    installation: Installation
    path: str
    person: requests.Session
    answers: list[tuple[str, int]] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        while not self.stopping.wait(PAUSE):
            for headers in ({"HX-Request": "true"}, {}):
                self.answers.append(self.ask(headers))

    def ask(self, headers: dict[str, str]) -> tuple[str, int]:
        for url in list(self.installation.serving):
            try:
                answer = self.person.get(url + self.path, headers=headers, timeout=30, allow_redirects=False)
                return (url, answer.status_code)
            except requests.ConnectionError:  # it has just gone: the next one
                continue
        return ("nobody", 0)

    def finds_every_page(self, url: str) -> None:
        given: Any = {"cookies": self.person.cookies.get_dict(), "timeout": 30, "allow_redirects": False}
        answers = {page: requests.get(f"{url}/teams/{TEAM}/{page}", **given).status_code for page in PAGES}
        assert set(answers.values()) == {200}, answers

    def sees(self, url: str) -> None:
        """Waits until some responses have come from that address."""
        deadline, seen = time.monotonic() + 120, len(self.answers)
        while sum(who == url for who, _ in self.answers[seen:]) < 4:
            assert time.monotonic() < deadline, self.answers[seen:]
            time.sleep(0.05)


@contextmanager
def watching(installation: Installation, url: str) -> Iterator[Watcher]:
    person = requests.Session()
    page = person.get(url + "/accounts/login/", timeout=10).text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    typed = {"login": USER, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    assert person.post(url + "/accounts/login/", data=typed, allow_redirects=False, timeout=15).status_code == 302
    demo = requests.get(installation.environment["INVOPOP_API_URL"] + "/_simulator/demo", timeout=5)
    job = demo.json()["list"][0]
    watcher = Watcher(installation, f"/teams/{TEAM}/jobs/{job['id']}/", person)
    thread = threading.Thread(target=watcher.watch)
    thread.start()
    try:
        yield watcher
    finally:
        watcher.stopping.set()
        thread.join(40)


def test_upgrade_and_rollback_fail_no_poll(installation: Installation, old: Path) -> None:
    before = installation.start(old)
    with watching(installation, before) as watcher:
        watcher.sees(before)

        too_early = installation.run(ROOT, "-m", "gunicorn", "dashboard.wsgi", "--bind", "127.0.0.1:0")
        assert "STATIC_FOLDER: expected" in too_early.stderr

        done = installation.run(ROOT, "-m", "dashboard", "upgrade")
        assert done.returncode == 0, done.stderr
        assert installation.run(ROOT, "manage.py", "purge").returncode == 0  # as a new worker does when it starts
        watcher.sees(before)
        after = installation.start(ROOT)
        installation.stop(before)
        watcher.sees(after)
        watcher.finds_every_page(after)

        again = installation.start(old)
        installation.stop(after)
        watcher.sees(again)

        second = installation.run(ROOT, "-m", "dashboard", "upgrade")
        assert "No migrations to apply" in second.stdout
        assert "Collecting" not in second.stdout
    assert {status for _, status in watcher.answers} <= {200, 204, 304}
