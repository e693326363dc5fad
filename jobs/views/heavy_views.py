"""Limits heavy views per process: those of long documents to one at a time, because each may need several of megabytes;
exports of all rows to two, because each occupies a thread and up to 16 MB until it is sent; and counts over a month's
failures to a few, because sixteen at once would leave no thread for pages.

Others are asked to retry, so that pages and polls are still served meanwhile; a heavy view waits briefly before.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

HEAVY = 1_000_000  # bytes; smaller envelopes are not limited
WAIT = 2.0  # seconds to wait for a turn
RETRY_AFTER = 5  # seconds after which a heavy view has probably ended

EXPORTS = 2  # at the same time
COUNTS, COUNTS_IN_LINE = 3, 6  # at the same time, and with those that wait for one of these to end
COUNT_WAIT, LINE_WAIT = 5.0, 0.2  # seconds to wait for a turn, and for a place in the line

_turn = threading.BoundedSemaphore(1)
_exports = threading.BoundedSemaphore(EXPORTS)
_counts = threading.BoundedSemaphore(COUNTS)
_line = threading.BoundedSemaphore(COUNTS_IN_LINE)


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
def count() -> Iterator[None]:
    """Wraps a view that counts all failures of a time; waits for a turn. Raises Busy."""
    with _taken(_line, LINE_WAIT), _taken(_counts, COUNT_WAIT):
        yield


@contextmanager
def _taken(turns: threading.BoundedSemaphore, wait: float) -> Iterator[None]:
    if not turns.acquire(timeout=wait):
        raise Busy
    try:
        yield
    finally:
        turns.release()
