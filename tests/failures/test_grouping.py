"""Rows of the database, grouped by cause."""

from datetime import UTC, datetime
from uuid import uuid4

from jobs.failures import grouping
from jobs.failures.grouping import ENDED, MENDED, OPEN, JobLine, Seen
from jobs.failures.ranges import span, zone

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
TODAY = span("today", NOW, zone("UTC"))
TAKEN = 7  # a row


def seen(row: int, cause: str, state: str = ENDED, rerun: str = "", hour: int = 1) -> Seen:
    return row, cause, state, rerun, f"2026-11-29 {hour:02}:30:00.5", int(row == TAKEN)


def line(row: int, cause: str) -> JobLine:
    return JobLine(row, uuid4(), cause, "", "verifactu.send", "", "", "", "", "", "", "", "", NOW, NOW)


def put_together(rows: list[Seen], newest: int = 3) -> grouping.Failures:
    groups = grouping.grouped(TODAY, rows, newest)
    lines = {row: line(row, cause) for row, cause, *_ in rows}
    return grouping.failures(TODAY, groups, lines, {"a": NOW.replace(day=1), "b": NOW})


def test_causes_are_sorted_by_frequency_and_split_by_state() -> None:
    found = put_together([seen(1, "b"), seen(2, "a"), seen(3, "a"), seen(4, "a", OPEN), seen(5, "c", MENDED)])
    assert [(cause.key, cause.count) for cause in found.ended] == [("a", 2), ("b", 1)]
    assert (found.count, found.count_open, found.count_mended) == (3, 1, 1)
    assert [cause.key for cause in (*found.open, *found.mended)] == ["a", "c"]


def test_a_cause_has_first_last_and_bars() -> None:
    found = put_together([seen(1, "a", hour=9), seen(2, "a", hour=9), seen(3, "a", hour=2)])
    (cause,) = found.ended
    assert (cause.first.hour, cause.last.hour) == (2, 9)
    assert (cause.bars[9], cause.bars[2], sum(cause.bars)) == (2, 1, 3)
    assert found.bars == cause.bars


def test_fixed_failures_are_in_no_total_bar() -> None:
    assert sum(put_together([seen(1, "a", MENDED)]).bars) == 0


def test_the_most_careful_advice_applies_to_all_jobs_of_a_cause() -> None:
    found = put_together([seen(1, "a", rerun="helps"), seen(2, "a", rerun="danger"), seen(3, "a", rerun="helps")])
    assert found.ended[0].rerun == "danger"


def test_a_cause_is_new_if_unseen_before_this_range() -> None:
    found = put_together([seen(1, "a"), seen(2, "b"), seen(3, "c")])
    assert {cause.key: cause.is_new for cause in found.ended} == {"a": False, "b": True, "c": False}
    assert found.new == 1


def test_the_newest_jobs_are_listed() -> None:
    found = put_together([seen(row, "a") for row in range(9)], newest=2)
    assert [job.pk for job in found.ended[0].jobs] == [0, 1]


def test_held_jobs_are_counted_in_their_state() -> None:
    found = put_together([seen(6, "a"), seen(TAKEN, "a"), seen(8, "a", OPEN)])
    assert (found.ended[0].held, found.open[0].held) == (1, 0)


def test_causes_without_listed_jobs_are_counted_and_left_out() -> None:
    groups = grouping.grouped(TODAY, [seen(1, "a"), seen(2, "b")], 3)
    found = grouping.failures(TODAY, groups, {1: line(1, "a")}, {})
    assert (found.count, len(found.ended), found.left_out) == (2, 1, 1)


def test_text_from_both_databases_is_read() -> None:
    for text in ("2026-11-29 09", "2026-11-29 09:00:00", "2026-11-29 09:00:00.000000"):
        assert grouping.at(text) == datetime(2026, 11, 29, 9, tzinfo=UTC)
