"""`jobs-dashboard demo`, `make demo`: the dashboard with a team, a user and a simulated API, until Ctrl-C.

Its files (a SQLite database, keys) stay in .demo/, so that the next start is fast and nobody has to sign in again.
"""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from pathlib import Path

from dashboard import paths
from dashboard.environment import NAMES

FOLDER = paths.HOME / ".demo" if os.access(paths.HOME, os.W_OK) else Path(tempfile.gettempdir()) / "demo"
STARTED_WITHIN = 60  # seconds
PASSWORD = "demo"
OURS = (sys.executable, "-m", "dashboard")

stopping = threading.Event()


def main(arguments: Sequence[str]) -> int:
    """The exit status."""
    parser = ArgumentParser("jobs-dashboard demo", description="A dashboard with a ready team and a simulated API.")
    parser.add_argument("--port", default=os.environ.get("DEMO_PORT", "8000"), help="to listen on (%(default)s)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    given = parser.parse_args(arguments)
    _run(given.host, _port(given.port))
    return 0


def _run(host: str, port: int) -> None:
    simulator = f"http://127.0.0.1:{_free_port()}"
    _environment(port, simulator)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    print("Starting the simulated API and the dashboard …", flush=True)
    processes = [_start("simulator", "manage", "simulator", "--port", simulator.rpartition(":")[2], "--day", "300")]
    try:
        _prepare_files_and_database()
        _wait_for(f"{simulator}/_simulator/demo", processes)
        _prepare_team()
        _print_addresses(f"http://127.0.0.1:{port}", simulator)  # before the server responds
        processes.append(_start("web", "serve", "--bind", f"{host}:{port}"))
        processes.append(_start("worker", "manage", "worker"))
        _wait_for(f"http://127.0.0.1:{port}/healthz", processes)
        print("\nReady. Ctrl-C stops everything.", flush=True)
        while not stopping.wait(0.5):
            _check(processes)
    finally:
        _stop(processes)
    print("\nStopped.")


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65_536:
        sys.exit(f"DEMO_PORT: expected a port number, not {text!r}.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(text)))
        except OSError:
            sys.exit(f"Port {text} is in use. Stop what listens there, or choose another: make demo DEMO_PORT=8001")
    return int(text)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(port: int, simulator: str) -> None:
    """The demo's environment, independent of the shell's settings."""
    for name in NAMES:
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
    FOLDER.mkdir(exist_ok=True)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "ENV_FILE": "",
        "SECRET_KEY": _kept("secret_key", lambda: secrets.token_urlsafe(60)),
        "TOKEN_ENCRYPTION_KEYS": _kept("token_key", _fernet_key),
        "DATABASE_URL": f"sqlite:///{FOLDER}/db.sqlite3",
        "STATIC_FOLDER": str(FOLDER / "static"),
        "INVOPOP_API_URL": simulator,
        "PLAIN_HTTP": "on",
        "EMAIL_URL": f"file://{FOLDER}/mail",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "SWEEP_A_MINUTE": "600",  # the API runs on this machine
        "LOG_LEVEL": "WARNING",
    }
    os.environ["PUBLIC_ORIGIN"] = f"http://127.0.0.1:{port}"
    os.environ["CSRF_TRUSTED_ORIGINS"] = f"http://127.0.0.1:{port},http://localhost:{port}"


def _kept(name: str, make: Callable[[], str]) -> str:
    path = FOLDER / name
    if not path.exists():
        path.write_text(make())
        path.chmod(0o600)
    return path.read_text()


def _fernet_key() -> str:
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


def _prepare_files_and_database() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    from dashboard.observability import health

    call_command("migrate", verbosity=0)
    if not health.static_files_ready():  # compressing takes seconds and always gives the same result
        call_command("collectstatic", interactive=False, verbosity=0)


def _prepare_team() -> None:
    from allauth.account.models import EmailAddress
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from jobs.encryption import Secret
    from jobs.models import Team
    from jobs.simulator.scenarios import MAIN
    from jobs.simulator.tokens import tokens as simulated
    from jobs.teams import api_tokens

    user, made = User.objects.get_or_create(username="demo", defaults={"email": "demo@example.com"})
    if made:
        user.set_password(PASSWORD)
        user.save()
    people = EmailAddress.objects
    people.get_or_create(user=user, email="demo@example.com", defaults={"verified": True, "primary": True})
    with open(os.devnull, "w") as nowhere:
        call_command("create_team", "demo", "--name", "Demo", "--member", "demo", stdout=nowhere)
    secret = Secret(simulated()[MAIN])
    api_tokens.put_in_use(Team.objects.get(slug="demo"), secret, api_tokens.workspace(secret), by=user)


def _start(name: str, *command: str) -> "subprocess.Popen[bytes]":
    log = (FOLDER / f"{name}.log").open("wb")
    return subprocess.Popen([*OURS, *command], cwd=paths.HOME, stdout=log, stderr=log)


def _wait_for(address: str, processes: "list[subprocess.Popen[bytes]]") -> None:
    deadline = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < deadline and not stopping.is_set():
        _check(processes)
        with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(address, timeout=2):
            return
        time.sleep(0.05)
    sys.exit(
        "Stopped." if stopping.is_set() else f"No answer after {STARTED_WITHIN} s; see the logs in {FOLDER.name}/."
    )


def _check(processes: "list[subprocess.Popen[bytes]]") -> None:
    for process, name in zip(processes, ("simulator", "web", "worker"), strict=False):
        if process.poll() is not None and not stopping.is_set():
            print((FOLDER / f"{name}.log").read_text(errors="replace")[-3000:], file=sys.stderr)
            sys.exit(f"The {name} process ended by itself; its last lines stand above.")


def _print_addresses(url: str, simulator: str) -> None:
    with urllib.request.urlopen(f"{simulator}/_simulator/demo", timeout=5) as answer:
        jobs = json.load(answer)["list"]
    print(f"\n  {url}/    user demo, password {PASSWORD}")
    print(f"  {url}/sent-mail/    the mail that was sent\n\nJobs to look at:\n")
    for job in jobs:
        print(f"  {url}/teams/demo/jobs/{job['id']}/  {job['what']}", flush=True)


def _stop(processes: "list[subprocess.Popen[bytes]]") -> None:
    for process in reversed(processes):
        process.terminate()
    for process in processes:
        try:
            process.wait(12)
        except subprocess.TimeoutExpired:
            process.kill()
