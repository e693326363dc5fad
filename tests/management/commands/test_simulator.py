"""The simulated API as a command: what it prints, and how it ends."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

pytestmark = pytest.mark.processes

COMMAND = [sys.executable, "manage.py", "simulator", "--port"]
ROOT = Path(__file__).parents[3]


@pytest.fixture
def running() -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [*COMMAND, "0"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_address_tokens_and_jobs_and_exits_cleanly(
    running: "subprocess.Popen[str]", number: signal.Signals
) -> None:
    assert running.stdout
    lines = [running.stdout.readline() for _ in range(3 + 12 + 2 + 15)]
    url = lines[0].split()[-1]
    tokens = dict(re.findall(r"^  (\S+)  (eyJ\S+)$", "".join(lines), re.MULTILINE))
    jobs = re.findall(r"^  ([0-9a-f-]{36})  .+\.$", "".join(lines), re.MULTILINE)
    answer = requests.get(
        f"{url}/transform/v1/jobs/{jobs[0]}", headers={"Authorization": f"Bearer {tokens['es-live']}"}, timeout=5
    )
    assert answer.json()["id"] == jobs[0]
    running.send_signal(number)
    assert running.wait(10) == 0
    assert running.stderr
    assert running.stderr.read() == ""


def test_a_port_in_use_is_reported() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run([*COMMAND, port], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr
