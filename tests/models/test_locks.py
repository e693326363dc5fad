"""A write that does not wait for SQLite's lock."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from django.db import OperationalError, connection

from jobs.models import LookUp, Team, locks

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL locks rows"),
]


@pytest.fixture
def another_writer() -> Iterator[sqlite3.Connection]:
    """Holds the write lock until it is rolled back."""
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


def busy_timeout() -> int:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        return int(cursor.fetchone()[0])


def test_a_write_fails_at_once_while_another_process_writes(another_writer: sqlite3.Connection) -> None:
    with pytest.raises(OperationalError) as failed, locks.without_waiting():
        Team.objects.create(slug="acme", name="Acme")
    assert locks.is_locked(failed.value)
    another_writer.rollback()
    with locks.without_waiting():
        Team.objects.create(slug="acme", name="Acme")


def test_later_writes_wait_again(another_writer: sqlite3.Connection) -> None:
    usual = busy_timeout()
    with pytest.raises(OperationalError), locks.without_waiting():
        Team.objects.create(slug="acme", name="Acme")
    assert busy_timeout() == usual == 20_000


def test_other_failures_are_not_taken_for_a_lock() -> None:
    with pytest.raises(OperationalError) as failed, connection.cursor() as cursor:
        cursor.execute(f"SELECT nothing FROM {LookUp._meta.db_table}")
    assert not locks.is_locked(failed.value)
