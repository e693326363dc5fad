"""Refreshes due rows in a few background threads per process, and waits for them.

`lease` allows one request at a time for a row; `attempt` sends it and stores the result.
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.db import DatabaseError, close_old_connections

from jobs import clock
from jobs.models import Snapshot
from jobs.upstream import attempt, lease, store, telemetry

T = TypeVar("T")
MAX_QUEUED = 64  # running and queued refreshes per process; further ones wait for the next poll
KEPT_WITHOUT_BODY = timedelta(hours=1)

_threads = ThreadPoolExecutor(settings.UPSTREAM_THREADS, thread_name_prefix="refresh")
_under_way: dict[int, "Future[None]"] = {}
_under_way_lock = threading.Lock()


def enqueue(row: Snapshot, now: datetime) -> bool:
    """Queues a due row unless it is being refreshed. Returns whether a response is on its way."""
    if not row.is_due(now):
        return row.is_refreshing(now)
    if row.is_refreshing(now):
        telemetry.increment("coalesced")
        return True
    with _under_way_lock:
        if row.pk not in _under_way:
            if len(_under_way) >= MAX_QUEUED:
                return False
            _under_way[row.pk] = _threads.submit(_refresh, row.pk)
            _under_way[row.pk].add_done_callback(lambda _: _under_way.pop(row.pk, None))
    return True


def run_for_at_most(seconds: float, work: Callable[[], T]) -> T | None:
    """The result of other API work; None if it takes longer than `seconds`, and then it continues in the background."""
    future = _threads.submit(_with_connections, work)
    try:
        return future.result(timeout=seconds)
    except TimeoutError:
        future.cancel()  # if it has not begun
        return None


def _with_connections(work: Callable[[], T]) -> T:
    close_old_connections()
    try:
        return work()
    finally:
        close_old_connections()


def wait(row: Snapshot, seconds: float) -> None:
    """Returns when the row has a response or a failure, from any process, or on timeout."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        future = _under_way.get(row.pk)
        if future is None and not _is_pending(row.pk):
            return
        _pause(future, min(left, 0.1 if future is None else left))


def wait_for_any(rows: Sequence[Snapshot], seconds: float) -> None:
    """Returns when one of the rows has a body, or each has a response or a failure, or on timeout."""
    deadline = time.monotonic() + seconds
    wanted = Snapshot.objects.filter(pk__in=[row.pk for row in rows])
    while time.monotonic() < deadline:
        if wanted.filter(fetched_at__isnull=False).exists():
            return
        if not wanted.filter(fetched_at__isnull=True, trouble="").exists():
            return
        time.sleep(0.05)


def extend_expiry(row: Snapshot, now: datetime) -> None:
    """Postpones the expiry of a viewed snapshot, with at most 24 writes per period."""
    life = row.team.kept_for if row.fetched_at else KEPT_WITHOUT_BODY
    until = now + life
    if until - row.expires_at > life / 24:
        Snapshot.objects.filter(pk=row.pk).update(expires_at=until)
        row.expires_at = until


def _is_pending(pk: int) -> bool:
    """Whether a response is still to come. Queues the row again if the holder of its lease has died."""
    row = Snapshot.objects.filter(pk=pk).first()
    if row is None or row.fetched_at is not None or row.trouble:
        return False
    enqueue(row, clock.now())
    return True


def _pause(future: "Future[None] | None", seconds: float) -> None:
    if future is None:
        time.sleep(seconds)  # another process holds the lease: read the row again
        return
    try:
        future.exception(timeout=seconds)
    except TimeoutError:
        pass


def ask(pk: int) -> bool:
    """Makes one attempt in this thread. False if the row is not due or leased elsewhere. Raises DatabaseError."""
    with store.writing:
        row = lease.take(pk, clock.now())
    if row is not None:
        attempt.run(row)
    return row is not None


def _refresh(pk: int) -> None:
    close_old_connections()
    try:
        ask(pk)
    except DatabaseError:
        pass  # the response cannot be stored; the lease expires and the next poll tries again
    finally:
        close_old_connections()
