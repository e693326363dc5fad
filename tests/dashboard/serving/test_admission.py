"""Few requests are started at a time."""

from typing import Any

from dashboard.serving.admission import AT_ONCE, PATIENCE, Admission


def waiting(*connections: Any) -> Admission:
    admission = Admission()
    for each in connections:
        admission.add(each)
    return admission


def started(admission: Admission, now: float) -> list[Any]:
    found = []
    while (each := admission.next(now)) is not None:
        found.append(each)
    return found


def test_only_a_few_requests_start_at_once_in_the_order_of_arrival() -> None:
    admission = waiting("a", "b", "c", "d")
    assert started(admission, 0.0) == ["a", "b"]
    assert AT_ONCE == len(admission) == 2


def test_the_next_one_starts_when_one_ends() -> None:
    admission = waiting("a", "b", "c", "d")
    started(admission, 0.0)
    admission.end(0.0)
    assert started(admission, 0.0) == ["c"]


def test_one_more_starts_each_time_that_none_has_ended_for_a_moment() -> None:
    admission = waiting("a", "b", "c", "d")
    started(admission, 0.0)
    assert started(admission, PATIENCE / 2) == []
    assert started(admission, PATIENCE) == ["c"]
    assert started(admission, 2 * PATIENCE) == ["d"]


def test_a_request_that_has_not_started_can_be_withdrawn() -> None:
    admission = waiting("a", "b", "c")
    started(admission, 0.0)
    assert admission.withdraw("c")  # type: ignore[arg-type]
    assert not admission.withdraw("a")  # type: ignore[arg-type]
    assert len(admission) == 0
