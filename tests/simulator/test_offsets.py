"""Offsets and instants in stories."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from jobs.simulator import offsets

START = datetime(2026, 10, 5, 9, 14, 22, 318_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("offset", "seconds"),
    [(90, 90), ("1.5", 1.5), ("15m1.4", 901.4), ("3d2h", 266_400), ("2d6h0.7", 194_400.7), ("0", 0)],
)
def test_an_offset_is_parsed_to_seconds(offset: str | float, seconds: float) -> None:
    assert offsets.seconds(offset) == pytest.approx(seconds)


@pytest.mark.parametrize("offset", ["", "-1", "1w", "1 h", "h", "soon"])
def test_an_invalid_offset_is_refused(offset: str) -> None:
    with pytest.raises(ValueError, match="not an offset"):
        offsets.seconds(offset)


def test_pauses_double_up_to_half_an_hour() -> None:
    pauses = [offsets.backoff(attempt) for attempt in range(1, 34)]
    assert pauses[:3] == [5, 10, 20]
    assert pauses[-1] == max(pauses) == 1800
    assert sum(pauses[:-1]) == pytest.approx(12 * 3600, rel=0.05)  # 33 attempts in twelve hours


def test_instants_round_trip_in_the_apis_format() -> None:
    assert offsets.iso(START) == "2026-10-05T09:14:22.318Z"
    assert offsets.instant(offsets.iso(START)) == START
    assert offsets.iso(START.astimezone(timezone(timedelta(hours=2)))) == "2026-10-05T09:14:22.318Z"


def test_after_and_elapsed_are_inverse() -> None:
    assert offsets.elapsed(START, offsets.after(START, 12.3456)) == pytest.approx(12.346)
