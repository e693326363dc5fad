"""Pages poll when this process has capacity: later, the more there are and the more each costs."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.test import Client

from dashboard import middleware
from jobs.views.poll_pace import LONGEST_MS, SHARE, Pace
from tests.conftest import Stage, give_token
from tests.views.polling import poll


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def costing(seconds: float, clock: Clock) -> Pace:
    pace = Pace(clock)
    pace.cost = seconds
    return pace


def test_a_few_pages_poll_at_their_jobs_interval(clock: Clock) -> None:
    pace = costing(0.001, clock)
    assert [pace.pause(1_000) for _ in range(20)] == [1_000] * 20


def test_a_thousand_pages_are_spread_over_a_process_capacity(clock: Clock) -> None:
    pace = costing(0.001, clock)
    pauses = [pace.pause(1_000) for _ in range(1_000)]
    assert pauses == sorted(pauses)
    a_second = Counter(pause // 1_000 for pause in pauses)
    assert max(a_second.values()) <= 1.05 * SHARE / 0.001
    assert 3_000 <= pauses[-1] <= 4_000


@pytest.mark.parametrize(("ms", "longest"), [(700, 7_000), (1_000, 10_000), (5_000, LONGEST_MS), (60_000, 60_000)])
def test_no_page_waits_beyond_bounds_however_many_there_are(ms: int, longest: int, clock: Clock) -> None:
    pace = costing(10.0, clock)
    pauses = [pace.pause(ms) for _ in range(2_000)]
    assert min(pauses) == ms
    assert max(pauses) == pytest.approx(longest, abs=100)


def test_a_finished_job_takes_no_slot(clock: Clock) -> None:
    pace = costing(10.0, clock)
    assert [pace.pause(0) for _ in range(100)] == [0] * 100


def test_past_slots_are_freed(clock: Clock) -> None:
    pace = costing(0.01, clock)
    for _ in range(5_000):
        clock.now += 0.1
        assert pace.pause(1_000) == 1_000
    assert len(pace._booked) < 1_100


def test_the_cost_of_polls_is_measured(clock: Clock) -> None:
    pace = Pace(clock)
    for _ in range(500):
        with pace.measured():
            clock.now += 0.005
    assert pace.cost == pytest.approx(0.005, rel=0.01)


def test_concurrent_polls_share_their_cost(clock: Clock) -> None:
    pace, together = costing(0.001, clock), threading.Barrier(4)
    turns = [threading.Event() for _ in range(4)]

    def answer(number: int) -> None:
        with pace.measured():
            together.wait(10)
            if number:
                assert turns[number - 1].wait(10)
            else:
                clock.now += 0.4
        turns[number].set()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(answer, range(4)))
    assert pace.cost < 0.4 * 0.02 * (1 / 4 + 1 / 3 + 1 / 2 + 1) + 0.001
    assert pace._at_once == 0


def test_a_failed_poll_is_measured_too(clock: Clock) -> None:
    pace = Pace(clock)
    with pytest.raises(ZeroDivisionError), pace.measured():
        raise ZeroDivisionError
    assert pace._at_once == 0


def test_a_busy_process_delays_polls_but_no_page(
    as_bob: Client, stage: Stage, simulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_token(stage.acme, simulator)
    monkeypatch.setattr(middleware.PACE, "cost", 1e6)
    done = f"/teams/acme/jobs/{simulator.start_job('es-accepted', speed=1e8)}/"
    waiting = f"/teams/acme/jobs/{simulator.start_job('be-approval', speed=100)}/"
    for path in (done, waiting):
        assert not as_bob.get(path).has_header("X-Poll-Ms")
    assert poll(as_bob, done).headers["X-Poll-Ms"] == "0"
    pauses = [int(poll(as_bob, waiting).headers["X-Poll-Ms"]) for _ in range(10)]
    assert max(pauses) > min(pauses)
    assert max(pauses) <= LONGEST_MS
