"""The drill of docs/operations.md with two processes and open pages; and a process with the wrong keys."""

import re
from collections.abc import Iterator

import pytest
import requests

from scripts.product import KEY
from tests.processes.fleet import Fleet, Watcher, eventually, fleet, signed_in

NEW = "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldy0="
CANNOT = "can’t be decrypted"


@pytest.fixture
def two(tmp_path_factory: pytest.TempPathFactory, fresh_database_url: str) -> Iterator[Fleet]:
    with fleet(tmp_path_factory.mktemp("rotation"), fresh_database_url) as two:
        yield two


def grow(two: Fleet, *keys: str) -> str:
    two.product.environment["TOKEN_ENCRYPTION_KEYS"] = ",".join(keys)
    two.grow(1)
    return two.urls[-1]


def restart(two: Fleet, place: int, *keys: str) -> None:
    """The process at that place, with these keys and under its old address."""
    two.processes[place].terminate()
    two.processes[place].wait(15)
    two.product.environment["TOKEN_ENCRYPTION_KEYS"] = ",".join(keys)
    two.product.url = two.urls[place]
    two.processes[place] = two.product.serve(workers=1, threads=8)


def poll_all(pages: list[Watcher], two: Fleet) -> None:
    """Each open page asks both processes in turn, as through a balancer, and is never told that it cannot be shown."""
    for url in two.urls:
        for page in pages:
            page.address = url + "/teams/" + page.address.partition("/teams/")[2]
            answer = page.poll()
            assert answer.status_code in {200, 204, 304}
            assert CANNOT not in answer.text


def test_no_open_page_loses_its_job_during_the_drill(two: Fleet) -> None:
    for _ in range(2):
        grow(two, KEY)
    person = signed_in(two.urls[0])
    jobs = [two.start_job("be-approval"), two.start_job("es-stub"), two.simulator.start_job("es-accepted", speed=1e8)]
    pages = [Watcher(person, two.urls[0] + two.job_path(job)) for job in jobs]
    eventually(lambda: bool(poll_all(pages, two) or all(page.sees_a_job for page in pages)), 20)
    for keys in ((KEY, NEW), (NEW, KEY)):
        for place in range(2):
            restart(two, place, *keys)
            for _ in range(6):
                poll_all(pages, two)
            new = two.start_job("es-stub")
            assert all(CANNOT not in person.get(url + two.job_path(new), timeout=60).text for url in two.urls)
    assert "0 left" in two.product.manage("rotate_tokens")
    for place in range(2):
        poll_all(pages, two)
        restart(two, place, NEW)
    for _ in range(6):
        poll_all(pages, two)
    assert all(requests.get(url + "/readyz", timeout=60).status_code == 200 for url in two.urls)


def test_a_process_without_the_key_is_not_ready_and_spoils_no_page(two: Fleet) -> None:
    """What the drill avoids: new and old key on one process, the old one alone on the other."""
    healthy, other = grow(two, NEW, KEY), grow(two, KEY)
    person = signed_in(healthy)
    job = two.simulator.start_job("es-accepted", speed=1e8)
    assert CANNOT not in person.get(healthy + two.job_path(job), timeout=60).text
    page = Watcher(person, other + two.job_path(job))
    assert CANNOT in page.poll().text
    page.address = healthy + two.job_path(job)
    shown = page.poll()
    assert shown.status_code == 200
    assert CANNOT not in shown.text
    page.address = other + two.job_path(job)
    assert page.poll().status_code in {200, 304}
    two.product.environment["TOKEN_ENCRYPTION_KEYS"] = f"{NEW},{KEY}"
    two.product.manage("rotate_tokens")
    assert [requests.get(url + "/readyz", timeout=60).status_code for url in two.urls] == [200, 503]
    assert re.search("not ready: keys .* decrypts any team's API key", two.product.log())
