"""Bombs against the whole product, four at once: the process stays within its memory and answers all."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from tests.misbehaving import MisbehavingServer, find
from tests.processes.fleet import POLL, Fleet, fleet, signed_in

AT_ONCE = 4
MOST = 64  # MB, for each of them
BOMBS = [
    "U061 gzip bomb", "U062 bomb in gzip", "U065 200 MB in chunks", "U046 chunks without end",
    "U081 100000 lists in the envelope", "U106 100000", "U084 a million numbers", "U064 9 MB",
]  # fmt: skip

pytestmark = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="memory is read from Linux's /proc")


@pytest.fixture(scope="module")
def bombed(tmp_path_factory: pytest.TempPathFactory, server: str) -> Iterator[tuple[Fleet, MisbehavingServer]]:
    folder = tmp_path_factory.mktemp("bombed")
    with MisbehavingServer() as api, fleet(folder, f"sqlite:///{folder}/db.sqlite3") as bombed:
        bombed.product.environment["INVOPOP_API_URL"] = api.url
        bombed.grow(1, threads=8)
        yield bombed, api


@pytest.fixture(scope="module")
def person(bombed: tuple[Fleet, MisbehavingServer]) -> requests.Session:
    return signed_in(bombed[0].urls[0])


def test_four_concurrent_bombs_cost_no_more_than_four(
    bombed: tuple[Fleet, MisbehavingServer], person: requests.Session
) -> None:
    fleet, api = bombed
    _open(fleet, person)  # what is loaded with the first page
    base = fleet.memory()
    fleet.forget_peak()
    for name in BOMBS:
        api.fault = find(name)
        together = threading.Barrier(AT_ONCE)

        def open_one(together: threading.Barrier = together) -> str:
            together.wait()
            return _open(fleet, person)

        with ThreadPoolExecutor(AT_ONCE) as people:
            said = {future.result() for future in [people.submit(open_one) for _ in range(AT_ONCE)]}
        assert said <= {"reject", "stale", "None"}, name
        assert fleet.memory("VmHWM") <= base + AT_ONCE * MOST, name
    api.fault = None
    assert _open(fleet, person) == "None"


def _open(fleet: Fleet, person: requests.Session) -> str:
    """Looks at a new job as a page and as a poll; the error that its status names."""
    path = fleet.urls[0] + fleet.job_path(str(uuid4()))
    own = requests.Session()
    own.cookies.update(person.cookies)
    for address, headers in ((path, {}), (path, POLL), (path + "status.json", {})):
        answer = own.get(address, headers=headers, timeout=30)
        assert answer.status_code == 200, answer.text
    return str(json.loads(answer.text)["error"])
