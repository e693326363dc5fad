"""While Redis is down, the database's table is used, and Redis is not contacted for a while."""

import time
from collections.abc import Iterator

import pytest

from dashboard.cache import PAUSE, SECONDS, RedisOrTable

pytestmark = pytest.mark.django_db


@pytest.fixture
def cache() -> Iterator[RedisOrTable]:
    """A cache whose Redis is down."""
    RedisOrTable.asked_again_at = 0.0
    yield RedisOrTable("redis://127.0.0.1:9/0", {})
    RedisOrTable.asked_again_at = 0.0


def test_rate_limits_work_without_redis(cache: RedisOrTable) -> None:
    assert cache.add("tries", 1, 60)
    assert not cache.add("tries", 1, 60)
    assert cache.incr("tries") == 2
    assert cache.get("tries") == 2
    cache.delete("tries")
    assert cache.get_many(["tries", "others"]) == {}


def test_redis_is_not_retried_at_once(cache: RedisOrTable, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(5):
        cache.get("x")
    assert len([record for record in caplog.records if "Redis does not answer" in record.message]) == 1
    assert 0 < RedisOrTable.asked_again_at - time.monotonic() <= PAUSE


def test_redis_calls_time_out(cache: RedisOrTable) -> None:
    began = time.monotonic()
    cache.set("x", 1, 60)
    assert time.monotonic() - began < 4 * SECONDS + 2
