"""A budget of processor time for parsing untrusted text: loops check it and stop when it is used up.

It counts the thread's processor time, so waiting for a database or another thread costs nothing. Outside `limited`
there is no limit. A nested budget never lasts longer than the outer one.
"""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from math import inf
from time import thread_time
from typing import TypeVar

REQUEST = 1.0  # seconds for everything a request parses
LONG = 1_000_000  # bytes; longer texts are handled one at a time
slack = 1.0  # a factor for slower machines; tests that share a machine set it
EVERY = 512  # steps of a quick loop between checks of the clock, which take 0.3 µs


Thing = TypeVar("Thing")


_turn = threading.RLock()


class Exhausted(Exception):
    """The budget is used up. Not a ValueError, which parsers catch. The message contains none of the text."""


class _Deadline(threading.local):
    at: float = inf


_deadline = _Deadline()


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Limits the block to this much processor time, or to what is left of the enclosing budget."""
    outer = _deadline.at
    _deadline.at = min(outer, thread_time() + seconds * slack)
    try:
        yield
    finally:
        _deadline.at = outer


@contextmanager
def turn(size: int) -> Iterator[None]:
    """Wraps parsing or rendering of this many bytes: long texts are handled one at a time per process.

    Threads that compute in parallel finish no sooner, and slow down all others.
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
    """The same items, with regular checks of the clock. Raises Exhausted."""
    for count, thing in enumerate(things):
        if not count % every:
            check()
        yield thing
