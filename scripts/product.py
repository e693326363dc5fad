"""Runs the whole product as processes: simulated API, migrated database, collected static files, gunicorn.

For browser tests, benchmarks, the soak test and screenshots; all its files are in one folder and deleted with it.
"""

import atexit
import http.cookiejar
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jobs.simulator.scenarios import MAIN
from jobs.simulator.tokens import tokens

ROOT = Path(__file__).resolve().parent.parent
STARTED_WITHIN = 180  # seconds; an upper limit
TEAM, USER, PASSWORD = "acme", "alice", "correct horse battery"
KEY = "cHJvZHVjdC1wcm9kdWN0LXByb2R1Y3QtcHJvZHVjdC0="  # only for invented data
MAKE_TEAM = f"""
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("createsuperuser", interactive=False, username="{USER}", email="alice@example.com", verbosity=0)
call_command("create_team", "{TEAM}", name="Acme", member=["{USER}"], verbosity=0)
call_command("set_token", "{TEAM}", verbosity=0)
"""  # in one process, because starting one takes longer than most of these


@dataclass
class Product:
    folder: Path
    environment: dict[str, str]
    url: str = ""
    simulator_url: str = ""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)  # of the processes, in the same order

    def manage(self, *arguments: str, typed: str = "") -> str:
        """Runs `manage.py …`. Raises CalledProcessError with its output."""
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        done = subprocess.run(
            command, env=self.environment, cwd=ROOT, input=typed, text=True, capture_output=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"manage.py {arguments[0]} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{name}.log").open("ab")
        process = subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=log, stderr=log)
        self.processes.append(process)
        self.names.append(name)
        return process

    def named(self, name: str) -> subprocess.Popen[bytes]:
        """The last process started under that name. Raises KeyError if there is none."""
        for known, process in zip(reversed(self.names), reversed(self.processes), strict=True):
            if known == name:
                return process
        raise KeyError(name)

    def end(self, name: str) -> None:
        process = self.named(name)
        process.terminate()
        process.wait(20)

    def serve(self, *, workers: int = 1, threads: int = 16) -> subprocess.Popen[bytes]:
        """Starts a gunicorn of this product on `url`, whose address is free again after it ends."""
        gunicorn = str(Path(sys.executable).with_name("gunicorn"))
        bind = self.url.removeprefix("http://")
        self.environment |= {"WEB_WORKERS": str(workers), "WEB_THREADS": str(threads)}
        process = self.start(
            "web", gunicorn, "dashboard.wsgi", "--bind", bind, "--workers", str(workers), "--threads", str(threads)
        )
        wait_for(self.url + "/healthz", process)
        return process

    def log(self, name: str = "web") -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def prepared(folder: Path, *, simulator: str = "", **environment: str) -> Iterator[Product]:
    """A migrated database with a team, a person and a simulated API, without a web server.

    `simulator`: an option of its command, such as `--day`.
    """
    product = _product(folder, **environment)
    database = product.environment["DATABASE_URL"]
    try:
        _start_simulator(product, *simulator.split())
        product.environment["STATIC_FOLDER"] = _template().environment["STATIC_FOLDER"]
        if database.startswith("sqlite:///"):
            _copy(_template().folder / "db.sqlite3", Path(database.removeprefix("sqlite:///")))
        else:
            product.manage("shell", "-v", "0", "-c", MAKE_TEAM, typed=tokens()[MAIN])
        yield product
    finally:
        product.stop()


@contextmanager
def running(folder: Path, *, workers: int = 1, threads: int = 16, **environment: str) -> Iterator[Product]:
    with prepared(folder, **environment) as product:
        product.serve(workers=workers, threads=threads)
        yield product


def tour(product: Product) -> list[str]:
    """The ids of the demo's jobs, in their order."""
    with urllib.request.urlopen(f"{product.simulator_url}/_simulator/demo", timeout=5) as answer:
        return [job["id"] for job in json.load(answer)["list"]]


def sign_in(url: str, user: str = USER) -> str:
    """Signs in; returns the value of the Cookie header."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = opener.open(url + "/accounts/login/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    if token is None:
        raise RuntimeError("the login page has no form")
    typed = {"login": user, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    opener.open(urllib.request.Request(url + "/accounts/login/", urllib.parse.urlencode(typed).encode()))
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def cookies(header: str, url: str) -> list[Any]:
    """The cookies of a Cookie header in Playwright's form."""
    pairs = [each.partition("=") for each in header.split("; ")]
    return [{"name": name, "value": value, "url": url} for name, _, value in pairs]


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(f"no answer from {address}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@cache
def _template() -> Product:
    """The collected static files, and a SQLite database to copy. Made once, because it takes ten seconds."""
    folder = tempfile.TemporaryDirectory(prefix="jobs-product-")
    atexit.register(folder.cleanup)
    product = _product(Path(folder.name))
    try:
        _start_simulator(product)
        product.manage("collectstatic", "--noinput", "--verbosity", "0")
        product.manage("shell", "-v", "0", "-c", MAKE_TEAM, typed=tokens()[MAIN])
    finally:
        product.stop()
    return product


def _product(folder: Path, **environment: str) -> Product:
    base = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
    settings = {
        "SECRET_KEY": "product-" + "k" * 50, "TOKEN_ENCRYPTION_KEYS": KEY, "PLAIN_HTTP": "on",
        "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3", "STATIC_FOLDER": str(folder / "static"),
        "PYTHONUNBUFFERED": "1", "LOOK_UPS_A_MINUTE": "0", "ENV_FILE": "", "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
    }  # fmt: skip
    return Product(folder, base | settings | environment, url=f"http://127.0.0.1:{free_port()}")


def _copy(database: Path, place: Path) -> None:
    with closing(sqlite3.connect(database)) as made, closing(sqlite3.connect(place)) as copy:
        made.backup(copy)


def _start_simulator(product: Product, *options: str) -> None:
    port = free_port()
    product.simulator_url = product.environment["INVOPOP_API_URL"] = f"http://127.0.0.1:{port}"
    command = (sys.executable, str(ROOT / "manage.py"), "simulator", "--port", str(port), *options)
    process = product.start("simulator", *command)
    wait_for(f"{product.simulator_url}/_simulator/demo", process)
