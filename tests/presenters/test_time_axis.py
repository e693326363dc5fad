"""The time axis keeps the order of instants, and its labels do not overlap."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.presenters.time_axis import LEAST, LEAST_ON_A_PHONE, Axis
from tests.presenters.job_bodies import START


@given(st.lists(st.floats(0, 4_000_000), min_size=2, max_size=60, unique=True))
@settings(max_examples=60, deadline=None)
def test_the_axis_keeps_chronological_order(seconds: list[float]) -> None:
    instants = sorted(START + timedelta(seconds=each) for each in seconds)
    axis = Axis(instants, list(pairwise(instants)))
    places = [axis.place(instant) for instant in instants]
    assert places == sorted(places)
    assert all(-0.001 <= place <= 100.001 for place in places)


@given(st.lists(st.floats(0, 4_000_000), min_size=2, max_size=60, unique=True))
@settings(max_examples=60, deadline=None)
def test_labels_never_overlap_on_the_narrowest_axis(seconds: list[float]) -> None:
    ticks = Axis([START + timedelta(seconds=each) for each in seconds]).ticks
    for one, other in pairwise(ticks):
        assert not one.touches(other, LEAST), (one, other)
    for one, other in pairwise([tick for tick in ticks if not tick.is_fine]):
        assert not one.touches(other, LEAST_ON_A_PHONE), (one, other)


def test_axis_labels_leave_room_for_each_other_on_a_phone() -> None:
    began = datetime(2026, 10, 6, tzinfo=UTC)
    starts = [began + timedelta(seconds=at) for at in (0, 20, 36, 53, 70, 100)]
    ticks = Axis(starts).ticks
    assert [tick.is_fine for tick in ticks] == [False, True, True, False, True, False]
    places = [tick.x for tick in ticks if not tick.is_fine]
    assert all(b - a >= 30 for a, b in pairwise(places))
