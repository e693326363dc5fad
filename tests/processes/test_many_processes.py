"""Four processes on one PostgreSQL share state only through the database."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
import requests

from tests.processes.fleet import POLL, Fleet, Watcher, balanced, eventually, fleet, signed_in

Get = Callable[[str], requests.Response]


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Fleet]:
    with fleet(tmp_path_factory.mktemp("four"), database_url) as four:
        four.grow(4)
        yield four


@pytest.fixture(scope="module")
def person(four: Fleet) -> requests.Session:
    return signed_in(four.urls[0])


@pytest.fixture
def get(four: Fleet, person: requests.Session) -> Get:
    four.simulator.requests.clear()
    return balanced(person, four)


def test_a_session_is_valid_in_every_process(four: Fleet, person: requests.Session) -> None:
    assert [person.get(url + "/teams/acme/", timeout=60).status_code for url in four.urls] == [200] * 4


def test_forty_concurrent_views_of_a_new_job_cost_one_request(four: Fleet, person: requests.Session) -> None:
    job_id = four.simulator.start_job("es-accepted", speed=1e8)  # over: it is not due again while pages still come
    four.simulator.requests.clear()
    four.simulator.misbehave(job_id, "slow:0.5", times=1)
    together = threading.Barrier(40)

    def open_page(number: int) -> int:
        together.wait()
        return requests.get(
            four.urls[number % 4] + four.job_path(job_id), cookies=person.cookies, timeout=60
        ).status_code

    with ThreadPoolExecutor(40) as people:
        assert set(people.map(open_page, range(40))) == {200}
    assert four.simulator.requests.count(job_id) == 1


def test_many_watchers_cost_one_request_per_interval(four: Fleet, get: Get, person: requests.Session) -> None:
    job_id = four.start_job("es-stub")
    get(four.job_path(job_id))
    four.simulator.requests.clear()
    started, until = time.monotonic(), time.monotonic() + 4

    def watch(number: int) -> None:
        own = requests.Session()
        own.cookies.update(person.cookies)
        while time.monotonic() < until:
            answer = own.get(four.urls[number % 4] + four.job_path(job_id), headers=POLL, timeout=60)
            assert answer.status_code in {200, 204, 304}
            time.sleep(0.1)

    with ThreadPoolExecutor(12) as people:
        list(people.map(watch, range(12)))
    at = [asked.at for asked in four.simulator.requests.all() if asked.path.endswith(job_id)]
    assert len(at) <= (time.monotonic() - started) + 1
    gaps = [(after - before).total_seconds() for before, after in pairwise(at)]
    assert all(gap >= 0.8 for gap in gaps)


def test_a_job_fetched_by_one_process_is_shown_by_all(four: Fleet, get: Get) -> None:
    job_id = four.simulator.start_job("es-accepted", speed=1e8)
    shown = {get(four.job_path(job_id) + "status.json").json()["id"] for _ in range(4)}
    assert shown == {job_id}
    assert four.simulator.requests.count(job_id) == 1


def test_a_process_killed_while_fetching_is_replaced(four: Fleet, person: requests.Session) -> None:
    job_id = four.start_job()
    four.simulator.requests.clear()
    four.simulator.misbehave(job_id, "hang", times=1)
    threading.Thread(target=_open, args=(person, four.urls[-1] + four.job_path(job_id)), daemon=True).start()
    eventually(lambda: four.simulator.requests.count(job_id) == 1, 15)
    four.kill_last()
    watcher = Watcher(person, four.urls[0] + four.job_path(job_id))
    took = eventually(lambda: watcher.poll().status_code == 200 and watcher.sees_a_job, 15)
    assert took <= 10
    assert four.simulator.requests.count(job_id) == 2


def test_a_restart_finishes_running_requests_and_keeps_state(four: Fleet, person: requests.Session) -> None:
    known, slow = four.start_job(), four.start_job()
    url = four.urls[-1]
    before = person.get(url + four.job_path(known) + "status.json", timeout=60).json()
    four.simulator.misbehave(slow, "slow:2", times=1)
    with ThreadPoolExecutor(1) as people:
        under_way = people.submit(requests.get, url + four.job_path(slow), cookies=person.cookies, timeout=60)
        eventually(lambda: four.simulator.requests.count(slow) == 1, 15)
        four.processes[-1].send_signal(signal.SIGTERM)
        assert under_way.result().status_code == 200
    assert four.processes[-1].wait(10) == 0
    four.product.url = url
    four.processes[-1] = four.product.serve(workers=1, threads=8)
    after = person.get(url + four.job_path(known) + "status.json", timeout=60).json()
    assert after["fetched_at"] >= before["fetched_at"]
    assert not after["stale"]


def test_no_process_logged_an_error(four: Fleet) -> None:
    log = four.product.log()
    assert " ERROR " not in log
    assert "Traceback" not in log


def _open(person: requests.Session, address: str) -> None:
    try:
        requests.get(address, cookies=person.cookies, timeout=60)
    except requests.ConnectionError:
        pass  # the process was killed under it
