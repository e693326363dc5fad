"""Time ranges, and their division into bars."""

from datetime import UTC, datetime, timedelta

import pytest

from jobs.failures import ranges

NOW = datetime(2026, 11, 29, 7, 31, 12, tzinfo=UTC)
MADRID, KOLKATA = ranges.zone("Europe/Madrid"), ranges.zone("Asia/Kolkata")


def test_today_is_the_readers_day() -> None:
    span = ranges.span("today", NOW, MADRID)
    assert span.begin == datetime(2026, 11, 28, 23, tzinfo=UTC)
    assert span.last == datetime(2026, 11, 29, 23, tzinfo=UTC)
    assert span.bars == 24
    assert ranges.span("today", NOW, KOLKATA).begin == datetime(2026, 11, 28, 18, 30, tzinfo=UTC)


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25)])
def test_days_with_a_clock_change_have_their_own_hours(day: tuple[int, int, int], hours: int) -> None:
    assert ranges.span("today", datetime(*day, 12, tzinfo=UTC), MADRID).bars == hours


@pytest.mark.parametrize(("name", "bar", "bars"), [("24h", 1, 25), ("7d", 6, 32), ("30d", 24, 31)])
def test_other_ranges_end_now_and_start_with_a_whole_bar(name: str, bar: int, bars: int) -> None:
    span = ranges.span(name, NOW, ranges.zone("UTC"))
    assert span.begin <= NOW - ranges.LENGTHS[name]
    assert span.end > NOW
    assert (span.bar, span.bars) == (timedelta(hours=bar), bars)
    assert span.place(NOW) <= span.bars - 1
    assert span.begin.minute == 0


def test_a_custom_range_is_bounded() -> None:
    span = ranges.span("own", NOW, MADRID, datetime(1970, 1, 1, tzinfo=UTC), NOW)
    assert NOW - span.begin == ranges.LONGEST
    assert span.bars <= ranges.MOST_BARS
    assert ranges.span("own", NOW, MADRID, None, None).begin == NOW - ranges.DAY


def test_times_out_of_range_count_in_the_outer_bars() -> None:
    span = ranges.span("24h", NOW, MADRID)
    assert span.place(NOW - timedelta(days=9)) == 0
    assert span.place(NOW + timedelta(days=9)) == span.bars - 1


@pytest.mark.parametrize(
    "name", ["", "Nowhere/At_All", "../../etc/passwd", "Europe", "x" * 1000, "Zürich", "\0", "/etc"]
)
def test_an_unknown_time_zone_is_utc(name: str) -> None:
    assert ranges.known_zone(name) is None
    assert str(ranges.zone(name)) == "UTC"


@pytest.mark.parametrize("zone", ["Europe/Madrid", "America/Havana", "Australia/Lord_Howe"])
@pytest.mark.parametrize("day", [(2026, 3, 31), (2026, 4, 20), (2026, 10, 20), (2026, 11, 20)])
def test_bars_of_days_are_days_also_after_clocks_change(zone: str, day: tuple[int, int, int]) -> None:
    where = ranges.zone(zone)
    span = ranges.span("30d", datetime(*day, 12, tzinfo=UTC), where)
    starts = [span.start(place) for place in range(span.bars)]
    dates = [start.astimezone(where).date() for start in starts]
    assert dates == [dates[0] + timedelta(days=number) for number in range(31)]
    assert [span.place(start) for start in starts] == list(range(31))
    assert [span.place(start - timedelta(seconds=1)) for start in starts[1:]] == list(range(30))
