"""Values are created once for all threads, up to the capacity."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from jobs.views.render_cache import RenderCache


class Maker:
    """Creates a text, and counts the calls."""

    def __init__(self, text: str = "abc") -> None:
        self.text, self.made = text, 0

    def __call__(self) -> str:
        self.made += 1
        return self.text


def test_a_value_is_rendered_once_per_key() -> None:
    cache, one, other = RenderCache[str](100, len), Maker(), Maker("other")
    assert [cache.get(("job", 1), one) for _ in range(3)] == ["abc"] * 3
    assert cache.get(("job", 2), other) == "other"
    assert (one.made, other.made) == (1, 1)


def test_concurrent_requests_wait_for_one_rendering() -> None:
    cache, made, together = RenderCache[str](100, len), Maker(), threading.Barrier(10)

    def ask(_: int) -> str:
        together.wait()
        return cache.get(("job", 1), made)

    with ThreadPoolExecutor(10) as people:
        assert set(people.map(ask, range(10))) == {"abc"}
    assert made.made == 1


def test_nobody_waits_while_something_else_is_made() -> None:
    cache, begun, may_end = RenderCache[str](100, len), threading.Event(), threading.Event()

    def slowly() -> str:
        begun.set()
        may_end.wait(10)
        return "slow"

    with ThreadPoolExecutor(1) as people:
        slow = people.submit(cache.get, ("huge",), slowly)
        begun.wait(10)
        for at in range(20):
            cache.get(("job", at), Maker())
        assert not slow.done()
        may_end.set()
        assert slow.result(10) == "slow"
    assert not cache._making


def test_it_knows_how_much_it_keeps() -> None:
    cache = RenderCache[str](6, len)
    for at in range(5):
        cache.get(("job", at), Maker())
    assert (cache.used, cache.capacity) == (6, 6)
    cache.clear()
    assert cache.used == 0


def test_the_least_recently_used_is_evicted() -> None:
    cache, made = RenderCache[str](9, len), Maker()
    for key in (1, 2, 3, 1, 4):  # the fourth evicts the second
        cache.get((key,), made)
    made.made = 0
    for key in (1, 3, 4):
        cache.get((key,), made)
    assert made.made == 0
    cache.get((2,), made)
    assert made.made == 1


def test_a_value_larger_than_the_cache_is_still_returned() -> None:
    cache, large = RenderCache[str](2, len), Maker("x" * 1_000)
    assert cache.get(("job",), large) == cache.get(("job",), large) == "x" * 1_000
    assert large.made == 1


def test_after_a_failure_the_next_request_tries_again() -> None:
    cache = RenderCache[str](100, len)

    def fail() -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cache.get(("job",), fail)
    assert cache.get(("job",), Maker()) == "abc"


def test_clearing_renders_everything_again() -> None:
    cache, made = RenderCache[str](3, len), Maker()
    cache.get(("job",), made)
    cache.clear()
    cache.get(("job",), made)
    cache.get(("job",), made)
    assert made.made == 2
