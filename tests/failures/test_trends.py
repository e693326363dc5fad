"""Failures by week."""

from datetime import UTC, date, datetime, timedelta

from jobs.failures.ranges import zone
from jobs.failures.trends import LISTED, WEEKS, Seen, mondays, trends

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)  # a Sunday
MADRID = zone("Europe/Madrid")
SINCE = NOW - timedelta(days=10)


def test_weeks_begin_on_monday_and_are_limited_in_number() -> None:
    assert mondays(SINCE, NOW, MADRID) == [date(2026, 11, 16), date(2026, 11, 23)]
    assert len(mondays(NOW - timedelta(days=999), NOW, MADRID)) == WEEKS


def test_sunday_night_belongs_to_the_readers_week() -> None:
    at = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # already Monday in Madrid
    found = trends(mondays(SINCE, NOW, MADRID), [Seen("a", at, "correct", 3)], {}, MADRID, SINCE, NOW)
    assert [week.failed for week in found.weeks] == [0, 3]


def test_the_share_needing_a_person_is_computed() -> None:
    rows = [Seen("a", NOW, "correct", 3), Seen("b", NOW, "wait", 1)]
    found = trends(mondays(SINCE, NOW, MADRID), rows, {}, MADRID, SINCE, NOW)
    assert [week.share for week in found.weeks] == [None, 75]


def test_top_causes_have_a_row_and_the_others_share_one() -> None:
    rows = [Seen(f"c{number:02}", NOW, "", 20 - number) for number in range(LISTED + 2)]
    found = trends(mondays(SINCE, NOW, MADRID), rows, {}, MADRID, SINCE, NOW)
    assert [row.cause for row in found.causes] == [*(f"c{number:02}" for number in range(LISTED)), ""]
    assert found.causes[-1].total == 12 + 11


def test_incomplete_weeks_are_marked() -> None:
    weeks = mondays(NOW - timedelta(days=20), NOW, MADRID)
    found = trends(weeks, [], {}, MADRID, NOW - timedelta(days=20), NOW)
    assert [week.is_whole for week in found.weeks] == [False, True, False]
