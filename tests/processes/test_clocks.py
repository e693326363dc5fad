"""A process whose clock is two hours off, beside a correct one: pages still work, and it is not ready."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest
import requests

from tests.processes.fleet import Fleet, Watcher, fleet, signed_in

OTHER_CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
int clock_gettime(clockid_t clock, struct timespec *found) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, found);
    if (clock == CLOCK_REALTIME) found->tv_sec += atol(getenv("CLOCK_AHEAD"));
    return result;
}
"""  # what Python asks for the time of day


@pytest.fixture(params=["7200", "-7200"])
def two(
    tmp_path_factory: pytest.TempPathFactory, fresh_database_url: str, request: pytest.FixtureRequest
) -> Iterator[Fleet]:
    """The first has the right time, the second not."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler here: this test runs a process with another clock (on Debian: gcc)")
    folder = tmp_path_factory.mktemp("clocks")
    (folder / "clock.c").write_text(OTHER_CLOCK)
    library = str(folder / "clock.so")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, str(folder / "clock.c"), "-ldl"], check=True)
    with fleet(folder, fresh_database_url) as two:
        two.grow(1)
        wrong = {"LD_PRELOAD": library, "CLOCK_AHEAD": request.param}
        two.product.environment |= wrong
        two.grow(1)
        for name in wrong:
            del two.product.environment[name]
        yield two


def test_a_skewed_process_is_not_ready_and_stops_no_open_page(two: Fleet) -> None:
    """One set-up for all of it, which takes some seconds: readiness, a burst, and both together."""
    assert [requests.get(url + "/readyz", timeout=60).status_code for url in two.urls] == [200, 503]
    assert re.search(r"not ready: clock \(7(199|200|201) s (ahead of|behind) the database's\)", two.product.log())
    person = signed_in(two.urls[0])
    assert_a_burst_through_it_stops_no_page(two, person)
    assert_both_together_ask_once_an_interval(two, person)


def assert_a_burst_through_it_stops_no_page(two: Fleet, person: requests.Session) -> None:
    """Rate limited and asked again by the process with the wrong clock: what it writes down is good for the other."""
    right, wrong = two.urls
    job_id = two.simulator.start_job("es-stub", speed=0.1)  # so slow that it is not over meanwhile
    two.simulator.misbehave(job_id, "429:1", times=1)
    for _ in range(10):
        assert requests.get(wrong + two.job_path(job_id), cookies=person.cookies, timeout=60).status_code == 200
    page = Watcher(person, right + two.job_path(job_id))
    until = time.monotonic() + 60
    while time.monotonic() < until and not (page.sees_a_job and two.simulator.requests.count(job_id) > 2):
        pause = int(page.poll().headers["X-Poll-Ms"])
        assert 0 < pause <= 10_000
        time.sleep(min(pause / 1000, 1))
    assert page.sees_a_job
    assert two.simulator.requests.count(job_id) > 2


def assert_both_together_ask_once_an_interval(two: Fleet, person: requests.Session) -> None:
    path = two.job_path(job_id := two.simulator.start_job("es-stub", speed=0.1))
    person.get(two.urls[0] + path, timeout=60)
    two.simulator.requests.clear()
    started = time.monotonic()
    while time.monotonic() < started + 4:
        for url in two.urls:
            Watcher(person, url + path).poll()
        time.sleep(0.1)
    assert 1 <= two.simulator.requests.count(job_id) <= (time.monotonic() - started) + 1
