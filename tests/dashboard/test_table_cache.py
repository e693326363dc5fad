"""A table that takes no writes is told from a key that is there already."""

import pytest
from django.db import DatabaseError, OperationalError, connection

from dashboard.table_cache import TableCache

pytestmark = pytest.mark.django_db


@pytest.fixture
def cache() -> TableCache:
    return TableCache("shared_cache", {})


def test_a_key_is_added_once(cache: TableCache) -> None:
    assert cache.add("limit", 1, 60)
    assert not cache.add("limit", 2, 60)
    assert cache.get("limit") == 1


def test_a_table_that_takes_no_writes_raises(cache: TableCache) -> None:
    def full(execute: object, sql: str, *given: object) -> object:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            raise DatabaseError("database or disk is full")
        return execute(sql, *given)  # type: ignore[operator]

    with connection.execute_wrapper(full), pytest.raises(OperationalError):
        cache.add("limit", 1, 60)
    assert cache.add("limit", 1, 60)
