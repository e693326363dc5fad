"""Many jobs with the same trouble at once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from jobs.failures.incidents import FAILS, MANY, WAITS, Sign, incidents

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def signs(
    count: int, begin: int, every: int, lasts: int | None = None, kind: str = FAILS, provider: str = "AEAT"
) -> list[Sign]:
    """`begin`, `every` and `lasts` in minutes; begin before now."""
    times = [NOW - timedelta(minutes=begin - every * number) for number in range(count)]
    return [
        Sign(uuid4(), provider, kind, at, at + timedelta(minutes=lasts) if lasts is not None else None) for at in times
    ]


def test_many_failures_within_a_short_time_are_one_ongoing_incident() -> None:
    (found,) = incidents(signs(14, 60, 4), NOW)
    assert (found.count, found.waiting, found.end) == (14, 14, None)
    assert found.begin == NOW - timedelta(minutes=60)


def test_few_failures_or_many_over_a_day_are_no_incident() -> None:
    assert incidents(signs(MANY - 1, 60, 1), NOW) == ()
    assert incidents(signs(20, 20 * 40, 40), NOW) == ()


def test_few_jobs_that_wait_again_and_again_are_no_incident() -> None:
    waited = signs(MANY - 1, 60, 1, lasts=1, kind=WAITS)
    again = [replace(sign, at=sign.at + timedelta(minutes=10), until=None) for sign in waited]
    assert incidents(waited + again, NOW) == ()
    (found,) = incidents(waited + again + signs(1, 40, 0, kind=WAITS), NOW)
    assert (found.count, found.waiting) == (MANY, MANY)


def test_an_incident_ends_with_its_last_job_after_a_quiet_period() -> None:
    (found,) = incidents(signs(6, 300, 2, lasts=10), NOW)
    assert found.end == NOW - timedelta(minutes=300 - 10 - 10)
    assert found.waiting == 0


def test_an_incident_goes_on_while_a_job_is_open_or_recent() -> None:
    still_open = signs(6, 300, 2, lasts=10) + signs(1, 295, 0)
    assert incidents(still_open, NOW)[0].end is None
    assert incidents(signs(6, 30, 2, lasts=1), NOW)[0].end is None


def test_incidents_are_split_by_provider_and_kind_ongoing_first() -> None:
    found = incidents(signs(5, 600, 1, lasts=1) + signs(5, 60, 1, provider="SDI") + signs(4, 60, 1, kind=WAITS), NOW)
    assert [(each.provider, each.kind, each.end is None) for each in found] == [
        ("SDI", FAILS, True),
        ("AEAT", FAILS, False),
    ]


def test_failures_hours_apart_are_two_incidents() -> None:
    assert len(incidents(signs(6, 900, 2, lasts=1) + signs(6, 300, 2, lasts=1), NOW)) == 2
