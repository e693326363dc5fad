"""A read-only table is distinguished from an existing key; counts are exact and last."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, OperationalError, connection, connections

from dashboard.table_cache import TableCache

pytestmark = pytest.mark.django_db


@pytest.fixture
def cache() -> TableCache:
    return TableCache("shared_cache", {})


def test_a_key_is_added_once(cache: TableCache) -> None:
    assert cache.add("limit", 1, 60)
    assert not cache.add("limit", 2, 60)
    assert cache.get("limit") == 1


def test_a_read_only_table_raises(cache: TableCache) -> None:
    def full(execute: object, sql: str, *given: object) -> object:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            raise DatabaseError("database or disk is full")
        return execute(sql, *given)  # type: ignore[operator]

    with connection.execute_wrapper(full), pytest.raises(OperationalError):
        cache.add("limit", 1, 60)
    assert cache.add("limit", 1, 60)


@pytest.mark.django_db(transaction=True)
def test_concurrent_increments_lose_nothing(cache: TableCache) -> None:
    cache.add("limit", 0, 60)
    ready = threading.Barrier(12)

    def count() -> int:
        ready.wait()
        try:
            return cache.incr("limit")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as threads:
        counted = [threads.submit(count) for _ in range(12)]
    assert sorted(each.result() for each in counted) == list(range(1, 13))


def test_a_missing_key_cannot_be_incremented(cache: TableCache) -> None:
    with pytest.raises(ValueError, match="limit"):
        cache.incr("limit")


def test_a_full_table_evicts_what_expires_soonest() -> None:
    cache = TableCache("shared_cache", {"OPTIONS": {"MAX_ENTRIES": 10}})
    cache.set("an-hour", 9, 3600)
    for number in range(50):
        cache.set(f"a-minute-{number}", 1, 60 + number)
    assert cache.get("an-hour") == 9
    assert cache.get("a-minute-49") == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM shared_cache")
        assert cursor.fetchone()[0] <= 12
