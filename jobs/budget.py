"""Processor-time budget for parsing untrusted text: loops check it and stop when it is used up.

The time is that of the thread, so waiting for a database or for another thread costs nothing. Outside `limited` there
is no limit. A budget inside another one never lasts longer than the outer one.
"""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from math import inf
from time import thread_time
from typing import TypeVar

REQUEST = 1.0  # seconds for all that one request reads
LONG = 1_000_000  # bytes of a text that is read in turn
slack = 1.0  # times as long, where a machine is slower than the limits are meant for: tests that share one set it
EVERY = 512  # steps of a quick loop between two looks at the clock, each of which takes 0.3 µs


Thing = TypeVar("Thing")


_turn = threading.RLock()


class Exhausted(Exception):
    """The budget is used up. No ValueError, which parsers catch. The message holds nothing of the text."""


class _Deadline(threading.local):
    at: float = inf


_deadline = _Deadline()


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """The block may use this much processor time, or what is left of the enclosing budget."""
    outer = _deadline.at
    _deadline.at = min(outer, thread_time() + seconds * slack)
    try:
        yield
    finally:
        _deadline.at = outer


@contextmanager
def turn(size: int) -> Iterator[None]:
    """Around parsing or rendering this many bytes: long texts are handled one at a time per process.

    Threads that compute beside each other finish no sooner, and everybody else waits for each of them in turn.
    """
    if size < LONG:
        yield
        return
    with _turn:
        yield


def is_left() -> bool:
    """Whether there is time left."""
    return _deadline.at == inf or thread_time() < _deadline.at


def check() -> None:
    """Raises Exhausted when no time is left."""
    if not is_left():
        raise Exhausted("too much to read")


def checked(things: Iterable[Thing], every: int = EVERY) -> Iterator[Thing]:
    """The same items, checking the clock now and then. Raises Exhausted."""
    for count, thing in enumerate(things):
        if not count % every:
            check()
        yield thing
