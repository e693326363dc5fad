"""A PostgreSQL connection that gives up on a hanging server."""

import os
import time

import psycopg
import pytest

from dashboard.database import Bounded, connection_class

ADDRESS = os.environ.get("TEST_DATABASE_URL", "")


def test_statement_timeouts_are_per_installation() -> None:
    short, long = connection_class(0.5), connection_class(9)
    assert (short.patience, long.patience, Bounded.patience) == (0.5, 9, 3.0)
    assert issubclass(short, psycopg.Connection)


@pytest.mark.postgresql
@pytest.mark.skipif(not ADDRESS.startswith("postgres"), reason="TEST_DATABASE_URL names no PostgreSQL")
def test_a_statement_that_times_out_closes_the_connection() -> None:
    began = time.monotonic()
    with connection_class(0.5).connect(ADDRESS, autocommit=True) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT pg_sleep(30)")
        assert connection.closed
    assert time.monotonic() - began < 10


@pytest.mark.postgresql
@pytest.mark.skipif(not ADDRESS.startswith("postgres"), reason="TEST_DATABASE_URL names no PostgreSQL")
def test_a_read_only_server_is_left_for_another() -> None:
    with connection_class(9).connect(ADDRESS, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = on")  # as on a replica
        assert connection.execute("SELECT 1").fetchone() == (1,)
        with pytest.raises(psycopg.OperationalError, match="no writes"):
            connection.execute("CREATE TABLE nowhere (id int)")
        assert connection.closed
