"""A budget of processor time for parsing untrusted text: loops check it and stop when it is used up.

It counts the thread's processor time, so waiting for a database or another thread costs nothing. Outside `limited`
there is no limit. A nested budget never lasts longer than the outer one.

The same checks let a long text give way: its thread pauses while short requests are under way in this process, because
the interpreter runs one thread at a time, and they would get their turn only after each database query.
"""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from math import inf
from time import monotonic, sleep, thread_time
from typing import TypeVar

REQUEST = 1.0  # seconds for everything a request parses
LONG = 1_000_000  # bytes; longer texts are handled one at a time
slack = 1.0  # a factor for slower machines; tests that share a machine set it
EVERY = 512  # steps of a quick loop between checks of the clock, which take 0.3 µs
SHORT = 0.1  # seconds that most requests take at most
LONGEST_PAUSE, SHORTEST_STINT = 0.05, 0.02  # seconds: a long text goes on however many short requests there are

Thing = TypeVar("Thing")


_turn = threading.RLock()


class Exhausted(Exception):
    """The budget is used up. Not a ValueError, which parsers catch. The message contains none of the text."""


class _Thread(threading.local):
    deadline: float = inf  # of processor time
    has_turn: bool = False
    works_until: float = 0.0  # no pause before


_own = _Thread()
_begun: dict[int, float] = {}  # when each request under way began, by thread


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Limits the block to this much processor time, or to what is left of the enclosing budget."""
    outer = _own.deadline
    _own.deadline = min(outer, thread_time() + seconds * slack)
    try:
        yield
    finally:
        _own.deadline = outer


@contextmanager
def turn(size: int) -> Iterator[None]:
    """Wraps parsing or rendering of this many bytes: long texts are handled one at a time per process.

    Threads that compute in parallel finish no sooner, and slow down all others.
    """
    if size < LONG:
        yield
        return
    _begun.pop(threading.get_ident(), None)  # no longer a short request
    with _turn:
        outer, _own.has_turn = _own.has_turn, True
        try:
            yield
        finally:
            _own.has_turn = outer


@contextmanager
def request() -> Iterator[None]:
    """Wraps a request: long texts of other threads pause while it is short."""
    _begun[threading.get_ident()] = monotonic()
    try:
        yield
    finally:
        _begun.pop(threading.get_ident(), None)


def is_left() -> bool:
    """Whether there is time left."""
    if _own.has_turn:
        _give_way()
    return _own.deadline == inf or thread_time() < _own.deadline


def check() -> None:
    """Raises Exhausted when no time is left."""
    if not is_left():
        raise Exhausted("too much to read")


def checked(things: Iterable[Thing], every: int = EVERY) -> Iterator[Thing]:
    """The same items, with regular checks of the clock. Raises Exhausted."""
    for count, thing in enumerate(things):
        if not count % every:
            check()
        yield thing


def _give_way() -> None:
    now = monotonic()
    if now < _own.works_until or not _is_short_one_under_way(now):
        return
    end = now + LONGEST_PAUSE
    while _is_short_one_under_way(now):
        if now > end:
            _own.works_until = now + SHORTEST_STINT
            return
        sleep(0.001)
        now = monotonic()


def _is_short_one_under_way(now: float) -> bool:
    """A request that takes longer waits for the API, the database or its client, or has a long text itself."""
    return any(now - began < SHORT for began in list(_begun.values()))
