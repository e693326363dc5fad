"""The database stopped, hung and back again, and the same for Redis: slower or down, never wrong."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import requests
from redis import Redis

from scripts.servers import Server
from tests.processes.fleet import POLL, Fleet, eventually, fleet, sign_in, signed_in


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, own_postgresql: Server, own_redis: Server) -> Iterator[Fleet]:
    address = f"postgres://tests@127.0.0.1:{own_postgresql.port}/postgres"
    redis = f"redis://127.0.0.1:{own_redis.port}/0"
    with fleet(tmp_path_factory.mktemp("one"), address, REDIS_URL=redis) as one:
        one.grow(1, threads=16)
        yield one


@pytest.fixture(scope="module")
def person(one: Fleet) -> requests.Session:
    return signed_in(one.urls[0])


@pytest.fixture
def page(one: Fleet, person: requests.Session) -> str:
    address = one.urls[0] + one.job_path(one.start_job())
    assert person.get(address, timeout=15).status_code == 200
    return address


class TestDatabase:
    @pytest.fixture(autouse=True, params=["stopped", "hung"])
    def away(self, request: pytest.FixtureRequest, own_postgresql: Server, page: str) -> Iterator[None]:
        if request.param == "stopped":
            own_postgresql.stop()
        else:
            own_postgresql.hang()
        self.back = own_postgresql.start if request.param == "stopped" else own_postgresql.resume
        self.is_away = True
        yield
        if self.is_away:
            self.back()

    def test_an_outage_is_reported_in_time_and_ends_by_itself(
        self, one: Fleet, person: requests.Session, page: str
    ) -> None:
        url = one.urls[0]
        first = timed(person, page)
        poll = timed(person, page, POLL)
        for answer in (first, poll):
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert "<h1>" in first.text
        assert poll.text == "unavailable\n"
        assert requests.get(url + "/healthz", timeout=1).status_code == 200
        assert timed(person, url + "/readyz").status_code == 503
        for _ in range(7):  # long enough for growing pauses between attempts
            assert timed(person, page, POLL).status_code == 503
        self.back()
        self.is_away = False
        took = eventually(lambda: person.get(page, timeout=15).status_code == 200, 15)
        assert took <= 5
        assert person.get(url + "/readyz", timeout=5).status_code == 200

    def test_concurrent_requests_during_an_outage_are_all_answered(
        self, one: Fleet, person: requests.Session, page: str
    ) -> None:
        def ask(_: int) -> int:
            return requests.get(page, headers=POLL, cookies=person.cookies, timeout=20).status_code

        with ThreadPoolExecutor(16) as people:
            assert set(people.map(ask, range(16))) == {503}


class TestRedis:
    def test_signed_in_users_stay_signed_in(self, own_redis: Server, person: requests.Session, page: str) -> None:
        own_redis.stop()
        try:
            assert person.get(page, timeout=15).status_code == 200
        finally:
            own_redis.start()

    @pytest.fixture
    def no_attempts_yet(self, own_redis: Server, own_postgresql: Server) -> None:
        emptied(own_redis)
        with psycopg.connect(f"postgres://tests@127.0.0.1:{own_postgresql.port}/postgres") as connection:
            connection.execute("DELETE FROM shared_cache")

    # Emptied first: for some seconds after it was away Redis is not asked, and at the change to it a limit starts anew.
    @pytest.mark.parametrize("how", ["emptied", "stopped", "hung"])
    def test_sign_in_works_and_attempts_stay_limited(
        self, one: Fleet, own_redis: Server, no_attempts_yet: None, how: str
    ) -> None:
        {"stopped": own_redis.stop, "hung": own_redis.hang, "emptied": lambda: emptied(own_redis)}[how]()
        try:
            signed_in(one.urls[0])
            stranger = requests.Session()
            last = [sign_in(stranger, one.urls[0], "wrong password", "mallory") for _ in range(12)][-1]
        finally:
            if how == "stopped":
                own_redis.start()
            elif how == "hung":
                own_redis.resume()
        assert last.status_code == 429 or "Too many failed login attempts" in last.text


def timed(person: requests.Session, address: str, headers: dict[str, str] | None = None) -> requests.Response:
    """The answer, that must have come within five seconds."""
    started = time.monotonic()
    answer = person.get(address, headers=headers, timeout=20)
    assert time.monotonic() - started <= 5
    return answer


def emptied(server: Server) -> None:
    Redis(port=server.port).flushall()
