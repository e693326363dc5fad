"""Paces open pages: each poll gets a pause until this process has capacity for the next one.

The cost of a poll is measured, so that a slow machine, busy neighbour or slow database means fewer polls per second.
Pages add up to a quarter to their pause, so times are met only on average, which is enough.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

SHARE = 0.4  # the largest share of a process's capacity for polls
SLOT = 0.1  # seconds
MOST = 10  # the longest pause, as a multiple of the job's own interval
LONGEST_MS = 30_000  # the longest pause, unless the job's own interval is longer
AT_FIRST = 0.001  # seconds: the assumed cost of a poll until it is measured
WEIGHT = 0.02  # of each poll in the moving average
KEPT = 1_000  # slots; a few hundred are in the future


class Pace:
    """One per process. Concurrent writes may miscount a poll, which is harmless."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.cost = AT_FIRST  # average seconds of this process per poll
        self._clock = clock
        self._booked: Counter[int] = Counter()  # number of polls by slot
        self._at_once = 0  # polls being answered
        self._counting = Lock()

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Measures the response to a poll. Concurrent polls share the time."""
        with self._counting:
            self._at_once += 1
        began = self._clock()
        try:
            yield
        finally:
            own = (self._clock() - began) / self._at_once
            self.cost += (own - self.cost) * WEIGHT
            with self._counting:
                self._at_once -= 1

    def pause(self, ms: int) -> int:
        """Milliseconds until there is capacity, at least `ms`; 0 if the page need not poll again."""
        if not ms:
            return 0
        now = self._clock()
        first, last = (int((now + wait / 1000) / SLOT) for wait in (ms, min(ms * MOST, max(ms, LONGEST_MS))))
        capacity = SHARE * SLOT / self.cost
        slot = next((each for each in range(first, last) if self._booked[each] < capacity), last)
        self._booked[slot] += 1
        if len(self._booked) > KEPT:
            self._forget(int(now / SLOT))
        return ms if slot == first else max(ms, round((slot * SLOT - now) * 1000))

    def _forget(self, present: int) -> None:
        for slot in list(self._booked):
            if slot < present:
                self._booked.pop(slot, None)
