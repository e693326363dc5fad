"""With BENCH_PEERS=1: the known dashboards rq-dashboard and flower, measured like ours in the same minute.

They are installed from PyPI into their own folder, which is deleted at the end. They have neither teams nor access
rules, so their pages do less: the comparison shows what a watcher costs, not what it gets.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from scripts import servers
from scripts.bench.stage import AT_ONCE, Row, Stage, memory, middle
from scripts.load import Connection, closed_loop
from scripts.product import free_port

PACKAGES = (
    "rq-dashboard==0.9.0",
    "gunicorn",
    "flower==2.2.0",
    "redis",
    "packaging",
)  # the last two are needed by flower's broker
ROUNDS, SECONDS, CONNECTIONS = 3, 0.7, 8
STARTED_WITHIN = 30  # seconds
RQ_APP = """
from rq_dashboard.cli import make_flask_app
application = make_flask_app(None, None, None, "")
application.config["RQ_DASHBOARD_REDIS_URL"] = "{redis}"
from rq_dashboard.web import setup_rq_connection
setup_rq_connection(application)
"""
RQ_JOB = """
from redis import Redis
from rq import Queue
print(Queue(connection=Redis.from_url("{redis}")).enqueue("operator.add", 1, 2).id)
"""
FLOWER_TASK = """
from celery import Celery
app = Celery(broker="{redis}")
with app.connection_for_write() as connection:
    tell = app.events.Dispatcher(connection, hostname="worker@bench").send
    tell("worker-online")
    tell("task-received", uuid="{task}", name="add", args="(1, 2)", kwargs="{{}}")
    tell("task-succeeded", uuid="{task}", result="3", runtime=0.1)
"""


@dataclass(frozen=True)
class Peer:
    name: str
    url: str
    page: str
    poll: str
    page_headers: dict[str, str]
    poll_headers: dict[str, str]
    pid: int


async def measure(stage: Stage) -> list[Row]:
    if os.environ.get("BENCH_PEERS") != "1":
        return [Row("left out", "BENCH_PEERS=1 installs rq-dashboard and flower beside it and measures them too")]
    if shutil.which("redis-server") is None:
        return [Row("left out", "no Redis here (on Debian: apt install redis-server)")]
    with tempfile.TemporaryDirectory() as name, servers.redis() as redis:
        folder, address = Path(name), f"redis://127.0.0.1:{redis.port}/0"
        if refused := _installed(folder):
            return [Row("left out", f"rq-dashboard and flower could not be installed: {refused}")]
        running: list[subprocess.Popen[bytes]] = []
        try:
            peers = [await _ours(stage), await _rq(folder, address, running), await _flower(folder, address, running)]
            return await _measured(peers)
        finally:
            for process in running:
                process.terminate()
                process.wait(15)


async def _measured(peers: list[Peer]) -> list[Row]:
    rates: dict[str, list[float]] = {f"{peer.name}: {kind}": [] for peer in peers for kind in ("page", "poll")}
    sizes: dict[str, float] = {}
    for _ in range(ROUNDS):
        for peer in peers:
            for kind, path, headers in (
                ("page", peer.page, peer.page_headers),
                ("poll", peer.poll, peer.poll_headers),
            ):
                figures = await closed_loop(peer.url, path, headers, connections=CONNECTIONS, seconds=SECONDS)
                if not set(figures.statuses) <= {200, 304}:
                    raise RuntimeError(f"{peer.name}: {dict(figures.statuses)}")
                rates[f"{peer.name}: {kind}"].append(figures.per_second)
                sizes[f"{peer.name}: {kind}"] = figures.received / len(figures.latencies)
    rows = []
    for name, found in rates.items():
        ours = rates[f"this dashboard: {name.rpartition(' ')[2]}"]
        ratio = middle([one / own for one, own in zip(found, ours, strict=True)])
        rows.append(Row(name, f"{middle(found):,.0f} a second, {sizes[name]:,.0f} bytes", ratio))
    return [*rows, *(Row(f"{peer.name}: memory of the process", f"{memory(peer.pid):.0f} MB") for peer in peers)]


async def _ours(stage: Stage) -> Peer:
    path = stage.job("be-approval", speed=100)
    _, tag = await stage.opened(path, "waiting")
    finished = stage.job("es-accepted", speed=AT_ONCE)
    await stage.opened(finished)
    poll = stage.poll_headers(tag)
    return Peer("this dashboard", stage.url, finished, path, stage.page_headers, poll, stage.web_pids()[0])


async def _rq(folder: Path, redis: str, running: list[subprocess.Popen[bytes]]) -> Peer:
    """Behind gunicorn, like ours, because its own command starts Flask's development server."""
    (folder / "rq_app.py").write_text(RQ_APP.format(redis=redis))
    job = _python(folder, RQ_JOB.format(redis=redis)).strip()
    url = f"http://127.0.0.1:{free_port()}"
    options = ["--bind", url.removeprefix("http://"), "--workers", "1", "--threads", "16", "--log-level", "warning"]
    running.append(_start(folder, "gunicorn", *options, "rq_app:application"))
    page = f"/0/view/job/{job}"
    await _until_there(url, page)
    pid = _children(running[-1].pid)[0]
    return Peer("rq-dashboard", url, page, f"/0/data/job/{job}.json", {}, {}, pid)


async def _flower(folder: Path, redis: str, running: list[subprocess.Popen[bytes]]) -> Peer:
    url = f"http://127.0.0.1:{free_port()}"
    port = url.rpartition(":")[2]
    options = ["--address=127.0.0.1", f"--port={port}", "--logging=error"]
    running.append(_start(folder, "celery", f"--broker={redis}", "flower", *options))
    await _until_there(url, "/healthcheck")
    task = str(uuid4())
    _python(folder, FLOWER_TASK.format(redis=redis, task=task))
    page = f"/task/{task}"
    await _until_there(url, page)
    return Peer("flower", url, page, f"/api/task/info/{task}", {}, {}, running[-1].pid)


def _installed(folder: Path) -> str:
    """Installs the peers; returns the reason if that failed, or ""."""
    venv = subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=False, capture_output=True)
    if venv.returncode:
        return "no venv here (on Debian: apt install python3-venv)"
    pip = [str(folder / "venv/bin/pip"), "install", "--quiet", "--disable-pip-version-check", *PACKAGES]
    done = subprocess.run(pip, check=False, capture_output=True, text=True)
    return done.stderr.strip().splitlines()[-1] if done.returncode else ""


def _python(folder: Path, program: str) -> str:
    command = [str(folder / "venv/bin/python"), "-c", program]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _start(folder: Path, command: str, *options: str) -> subprocess.Popen[bytes]:
    environment = {"PATH": os.environ["PATH"], "FLOWER_UNAUTHENTICATED_API": "true"}
    log = (folder / f"{command}.log").open("ab")
    whole = [str(folder / "venv/bin" / command), *options]
    return subprocess.Popen(whole, cwd=folder, env=environment, stdout=log, stderr=log)


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def _until_there(url: str, path: str) -> None:
    deadline = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < deadline:
        try:
            answer = await Connection(url).get(path)
        except OSError:
            answer = None
        if answer is not None and answer.status == 200:
            return
        await asyncio.sleep(0.2)
    raise RuntimeError(f"no answer from {url}{path}")
