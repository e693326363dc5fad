"""A PostgreSQL connection with time limits.

Time limits that the server keeps are of no use when the server itself hangs: stopped, swapped out, behind a network
that swallows packets. Its kernel still acknowledges what we send, so TCP's own limits do not help either. Here the
waiting ends on our side, the connection is given up, and the pool makes another when the database is back.
"""

import time
from typing import TypeVar

import psycopg
from psycopg.abc import PQGen

Result = TypeVar("Result")


class Bounded(psycopg.Connection[tuple[object, ...]]):
    patience = 3.0  # seconds for one statement; a little more than the server's own limit, which has the better message

    def wait(self, gen: PQGen[Result], interval: float = 0.1, timeout: float | None = None) -> Result:
        """Raises psycopg.OperationalError on a timeout."""
        started = time.monotonic()
        try:
            return super().wait(gen, interval, timeout or self.patience)
        except psycopg.OperationalError:
            if time.monotonic() - started >= self.patience:
                self.pgconn.finish()
            raise


def connection_class(seconds: float) -> type[Bounded]:
    return type("Bounded", (Bounded,), {"patience": seconds})
