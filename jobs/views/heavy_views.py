"""Limits heavy views to one at a time per process, because each may need several documents of megabytes.

Others wait briefly and are then asked to retry, so that pages and polls are still served meanwhile.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

HEAVY = 1_000_000  # bytes; smaller envelopes are not limited
WAIT = 2.0  # seconds to wait for a turn
RETRY_AFTER = 5  # seconds after which a heavy view has probably ended

_turn = threading.BoundedSemaphore(1)


class Busy(Exception):
    """Another heavy view is running in this process."""


@contextmanager
def heavy(size: int = HEAVY, wait: float | None = None) -> Iterator[None]:
    """Waits for a turn to read that many bytes. Raises Busy."""
    if size < HEAVY:
        yield
        return
    if not _turn.acquire(timeout=WAIT if wait is None else wait):
        raise Busy
    try:
        yield
    finally:
        _turn.release()
