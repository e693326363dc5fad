"""Paces open pages: each poll is given a time at which this process has capacity for the next.

What a poll costs is measured, so that a slow machine, a busy neighbour or a slow database means fewer polls a second.
Pages add up to a quarter to the pause that they are told, so moments are hit on average only, which is enough.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

SHARE = 0.4  # of what a process can do, at most, is promised to polls
SLOT = 0.1  # seconds; moments are given by tenths
MOST = 10  # times as long as the job alone would ask for
LONGEST_MS = 30_000  # a page whose job asks for more keeps that
AT_FIRST = 0.001  # seconds that a poll is held to cost until some have been measured
WEIGHT = 0.02  # of each poll in the average: a few hundred polls decide
KEPT = 1_000  # slots; a few hundred lie ahead


class Pace:
    """One per process. Concurrent writes may miscount a poll, which does no harm."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.cost = AT_FIRST  # seconds of this process for a poll, on average
        self._clock = clock
        self._booked: Counter[int] = Counter()  # polls promised, by slot
        self._at_once = 0  # polls being answered
        self._counting = Lock()

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Around a poll's response. Concurrent polls share the time."""
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
        room = SHARE * SLOT / self.cost
        slot = next((each for each in range(first, last) if self._booked[each] < room), last)
        self._booked[slot] += 1
        if len(self._booked) > KEPT:
            self._forget(int(now / SLOT))
        return ms if slot == first else max(ms, round((slot * SLOT - now) * 1000))

    def _forget(self, present: int) -> None:
        for slot in list(self._booked):
            if slot < present:
                self._booked.pop(slot, None)
