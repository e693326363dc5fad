"""Limits heavy views to one at a time per process, because each may need several documents of megabytes, and exports of
all rows to two, because each occupies a thread and up to 16 MB until it is sent.

Others are asked to retry, so that pages and polls are still served meanwhile; a heavy view waits briefly before.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

HEAVY = 1_000_000  # bytes; smaller envelopes are not limited
WAIT = 2.0  # seconds to wait for a turn
RETRY_AFTER = 5  # seconds after which a heavy view has probably ended

EXPORTS = 2  # at the same time

_turn = threading.BoundedSemaphore(1)
_exports = threading.BoundedSemaphore(EXPORTS)


class Busy(Exception):
    """Other heavy views are running in this process."""


@contextmanager
def heavy(size: int = HEAVY, wait: float | None = None) -> Iterator[None]:
    """Waits for a turn to read that many bytes. Raises Busy."""
    if size < HEAVY:
        yield
        return
    with _taken(_turn, WAIT if wait is None else wait):
        yield


@contextmanager
def export() -> Iterator[None]:
    """A turn to send all rows of a kind, without waiting: exports take long. Raises Busy."""
    with _taken(_exports, 0):
        yield


@contextmanager
def _taken(turns: threading.BoundedSemaphore, wait: float) -> Iterator[None]:
    if not turns.acquire(timeout=wait):
        raise Busy
    try:
        yield
    finally:
        turns.release()
