"""Heavy views: one at a time per process, because each may hold several documents of megabytes.

Others wait a moment, and are then told to come back: pages and polls go on being served meanwhile.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

HEAVY = 1_000_000  # bytes of an envelope; what is read of a smaller one needs no turn
WAIT = 2.0  # seconds for a turn
RETRY_AFTER = 5  # seconds after which a heavy view is probably over

_turn = threading.BoundedSemaphore(1)


class Busy(Exception):
    """Another heavy view is running in this process."""


@contextmanager
def heavy(size: int = HEAVY, wait: float | None = None) -> Iterator[None]:
    """A turn for reading that many bytes. Raises Busy."""
    if size < HEAVY:
        yield
        return
    if not _turn.acquire(timeout=WAIT if wait is None else wait):
        raise Busy
    try:
        yield
    finally:
        _turn.release()
