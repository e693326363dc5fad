"""Counters for listeners such as the metrics page, independent of any metrics library.

Names: `upstream_seconds`: one request to the API, labelled with its result; `coalesced`: a look-up that joined a
running request; `stale_served`: an old copy shown because no newer one is available; `webhooks_unqueued`: a webhook
that named an unknown job while too many of them were waiting.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

Name = Literal["upstream_seconds", "coalesced", "stale_served", "webhooks_unqueued"]
Listener = Callable[[Name, float, str], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    _listeners.append(listener)


def increment(name: Name, amount: float = 1, label: str = "") -> None:
    for listener in _listeners:
        listener(name, amount, label)


@contextmanager
def timed_request() -> Iterator[None]:
    """Times one request to the API. The label is "ok", or the class of the error in lower case."""
    started, result = time.monotonic(), "ok"
    try:
        yield
    except Exception as error:
        result = type(error).__name__.lower()
        raise
    finally:
        increment("upstream_seconds", time.monotonic() - started, result)
