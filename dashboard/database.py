"""A PostgreSQL connection with time limits.

The server's own time limits do not help if the server hangs: stopped, swapped out, or behind a network that drops
packets. Its kernel still acknowledges what we send, so TCP's limits do not help either. Here the client stops waiting
and closes the connection, and the pool opens another when the database is back.

After a failover, a connection may lead to a server that is now a replica: it answers, and refuses every write. That
connection is closed too, so that the next one leads to the new primary.
"""

import time
from typing import TypeVar

import psycopg
from psycopg.abc import PQGen

Result = TypeVar("Result")


class Bounded(psycopg.Connection[tuple[object, ...]]):
    patience = 3.0  # seconds per statement; slightly more than the server's own limit, which has a better message

    def wait(self, gen: PQGen[Result], interval: float = 0.1, timeout: float | None = None) -> Result:
        """Raises psycopg.OperationalError on a timeout, and from a server that takes no writes."""
        started = time.monotonic()
        try:
            return super().wait(gen, interval, timeout or self.patience)
        except psycopg.OperationalError:
            if time.monotonic() - started >= self.patience:
                self.pgconn.finish()
            raise
        except psycopg.errors.ReadOnlySqlTransaction as error:
            self.pgconn.finish()
            raise psycopg.OperationalError("the server takes no writes") from error


def connection_class(seconds: float) -> type[Bounded]:
    return type("Bounded", (Bounded,), {"patience": seconds})
