"""What is worth counting while the product runs, told to whoever listens. Knows no metrics library."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum


class What(StrEnum):
    UPSTREAM_SECONDS = "upstream_seconds"  # one request to the API; the label says what came of it
    COALESCED = "coalesced"  # a look that found somebody already asking
    STALE_SERVED = "stale_served"  # an old copy shown because there is no newer one to be had


Listener = Callable[[What, float, str], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    _listeners.append(listener)


def tell(what: What, amount: float = 1, label: str = "") -> None:
    for listener in _listeners:
        listener(what, amount, label)


@contextmanager
def asking() -> Iterator[None]:
    """Around one request to the API. The label is "ok", or the class of the error in small letters."""
    started, result = time.monotonic(), "ok"
    try:
        yield
    except Exception as error:
        result = type(error).__name__.lower()
        raise
    finally:
        tell(What.UPSTREAM_SECONDS, time.monotonic() - started, result)
