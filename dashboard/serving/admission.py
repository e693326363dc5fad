"""Complete requests that wait for a thread. Few start at a time, because the interpreter runs one thread at a time.

With sixteen threads at work, each database query hands the processor to another thread and waits to get it back.
A further request starts when one ends, or when none has ended for a moment: those at work then wait for something else.
"""

from collections import deque

from dashboard.serving.connection import Connection

AT_ONCE = 2  # measured: 1,190 polls a second of one process with 2 threads, 1,080 with 4, 1,000 with 16
PATIENCE = 0.001  # seconds


class Admission:
    def __init__(self) -> None:
        self._queue: deque[Connection] = deque()
        self._started = 0  # and not ended
        self._last = 0.0  # when a request was last started or ended, by time.monotonic()

    def __len__(self) -> int:
        """The number of requests that wait to be started."""
        return len(self._queue)

    def add(self, connection: Connection) -> None:
        self._queue.append(connection)

    def next(self, now: float) -> Connection | None:
        """The connection whose request is to be started now; counts it as started."""
        may_start = self._started < AT_ONCE or now - self._last >= PATIENCE
        if not self._queue or not may_start:
            return None
        self._started += 1
        self._last = now
        return self._queue.popleft()

    def end(self, now: float) -> None:
        """A started request has ended."""
        self._started -= 1
        self._last = now

    def withdraw(self, connection: Connection) -> bool:
        """Removes a request from the queue; False if it has been started."""
        if connection not in self._queue:
            return False
        self._queue.remove(connection)
        return True
