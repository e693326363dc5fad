# ruff: noqa: E501 (a table)
"""A body is read within its limits, and no response takes more than 64 MB.

That is measured in a process of its own, by the kernel's count.
"""

import gzip
import io
import json
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import urllib3

from jobs.invopop import body_reading
from jobs.invopop.errors import NoSuchJob, Unavailable, Unusable
from jobs.invopop.transport import Allowance, Limits
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


@pytest.mark.processes
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the peak of memory is read from Linux's /proc")
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_no_more_than_the_largest_allowed_response(
    one_misbehaving_server: MisbehavingServer, asking: "subprocess.Popen[str]", name: str
) -> None:
    one_misbehaving_server.fault, one_misbehaving_server.pace = find(name), 0.1
    assert asking.stdin
    assert asking.stdout
    print(name, file=asking.stdin, flush=True)
    _, _, megabytes = json.loads(asking.stdout.readline())
    assert megabytes < MOST


JOB = b'{"id": "01a10b57-bee2-7cd4-9c8f-c9b91500a93e"}'
LIMITS = Limits(wire=1_000, decoded=5_000, error=100)


def answer(body: bytes, status: int = 200, **headers: str) -> requests.Response:
    """A response with an unread body."""
    made = requests.Response()
    made.status_code = status
    made.headers.update(
        {"Content-Type": "application/json"} | {name.replace("_", "-"): headers[name] for name in headers}
    )
    made.raw = urllib3.HTTPResponse(io.BytesIO(body), preload_content=False)
    return made


def read(body: bytes, status: int = 200, **headers: str) -> bytes:
    return body_reading.read(answer(body, status, **headers), Allowance(LIMITS))


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("", JOB),
        ("identity", JOB),
        ("GZIP", gzip.compress(JOB, mtime=0)),
        ("x-gzip", gzip.compress(JOB, mtime=0)),
        ("deflate", zlib.compress(JOB)),
    ],
)
def test_every_supported_encoding_is_read(encoding: str, packed: bytes) -> None:
    assert read(packed, content_encoding=encoding) == JOB


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        (b" " * 1_001, {}, "too large"),
        (JOB, {"content_length": "1001"}, "too large"),
        (gzip.compress(b" " * 5_001, mtime=0), {"content_encoding": "gzip"}, "too large"),
        (gzip.compress(JOB, mtime=0)[:-4], {"content_encoding": "gzip"}, "broken encoding"),
        (gzip.compress(JOB, mtime=0) + b"more", {"content_encoding": "gzip"}, "broken encoding"),
        (JOB, {"content_encoding": "gzip"}, "broken encoding"),
        (JOB, {"content_encoding": "br"}, "unknown encoding"),
    ],
)
def test_a_body_past_the_limits_or_in_another_encoding_is_unusable(
    body: bytes, headers: dict[str, str], reason: str
) -> None:
    with pytest.raises(Unusable) as caught:
        read(body, **headers)
    assert caught.value.reason == reason


def test_an_oversized_error_body_changes_nothing() -> None:
    with pytest.raises(NoSuchJob):
        read(b"x" * 10_000, status=404)


def test_a_body_arriving_too_late_is_a_timeout() -> None:
    with pytest.raises(Unavailable) as caught:
        body_reading.read(answer(JOB), Allowance(Limits(total=0)))
    assert caught.value.reason == "timeout"


@pytest.mark.parametrize(
    ("text", "length"),
    [("12", 12), (" 7 ", 7), ("", None), ("-1", None), ("1e3", None), ("\u0663", None), ("9" * 5_000, int("9" * 20))],
)
def test_a_content_length_is_a_whole_number_or_none(text: str, length: int | None) -> None:
    assert body_reading.stated_length({"content-length": text}) == length
