"""A thread's calls take no memory from the system, however deep they are."""

import resource
from threading import Thread

import pytest

from dashboard.serving import frame_room

DEEPEST = 300  # calls; a page's templates are at about 200
TIMES = 300


def test_a_call_maps_no_memory_at_any_depth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Thread.run, "__code__", Thread.run.__code__)  # restored after the test
    frame_room.reserve()
    found: list[int] = []
    thread = Thread(target=lambda: found.extend(_faults(depth) for depth in range(DEEPEST)))
    thread.start()
    thread.join()
    assert len(found) == DEEPEST
    assert max(found) < TIMES // 2, found


def _faults(depth: int) -> int:
    """The pages of memory that the system provides for TIMES calls at that depth."""
    if depth:
        return _faults(depth - 1)
    before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
    for _ in range(TIMES):
        _call()
    return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before


def _call() -> None:
    pass


_call.__code__ = _call.__code__.replace(co_stacksize=100)  # so that it does not fit into what the last call left
