# ruff: noqa: E501 (a table)
"""Bombs: whatever comes, one answer costs 64 MB at most. Measured in a process of its own, by the kernel's count."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.misbehaving import MisbehavingServer, find

MOST = 64  # MB
ROOT = Path(__file__).parents[2]
BOMBS = [
    "U021 500 of 40 MB", "U028 100s for ever, as fast as they go", "U029 with a body without end", "U046 chunks without end",
    "U046 10 TB, stated and begun", "U046 long headers without end", "U051 chunk size with an extension of 1 MB", "U054 header of 8 MB",
    "U061 gzip bomb", "U061 deflate bomb", "U061 ten megabytes of spaces, then the job", "U062 bomb in gzip", "U062 20,000 members",
    "U064 9 MB", "U065 200 MB of text", "U065 200 MB until the end", "U065 200 MB in chunks", "U065 200 MB as a single chunk",
    "U074 NaN", "U081 a million objects, not closed", "U081 100000 lists in the envelope", "U083 100,000 fields", "U084 a million numbers",
    "U084 300000 fields", "U084 1000000 fields", "U106 100000", "U112 5 MB",
]  # fmt: skip


@pytest.fixture(scope="module")
def asking(one_misbehaving_server: MisbehavingServer) -> Iterator["subprocess.Popen[str]"]:
    one_misbehaving_server.forget()
    command = [sys.executable, "-m", "tests.invopop.memory", one_misbehaving_server.url]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield process
        assert process.stdin
        process.stdin.close()


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the peak of memory is read from Linux's /proc")
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_no_more_than_an_honest_answer_may(
    one_misbehaving_server: MisbehavingServer, asking: "subprocess.Popen[str]", name: str
) -> None:
    one_misbehaving_server.fault, one_misbehaving_server.pace = find(name), 0.1
    assert asking.stdin
    assert asking.stdout
    print(name, file=asking.stdin, flush=True)
    _, _, megabytes = json.loads(asking.stdout.readline())
    assert megabytes < MOST
