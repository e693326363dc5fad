"""The simulated day: two thousand jobs, their failures and later successes."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from jobs.simulator import busy_day, story

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def test_two_thousand_jobs_of_which_every_fifth_fails_in_one_of_forty_ways() -> None:
    planned = list(busy_day.day(NOW))
    assert len(planned) == 2_000
    assert planned[-1].started > NOW - timedelta(hours=24)
    assert Counter(Counter(each.way for each in planned if each.way is not None).values()) == {10: 40}


def test_fifteen_failures_are_rerun_successfully_later() -> None:
    planned = list(busy_day.day(NOW))
    runs: dict[object, list[busy_day.PlannedJob]] = {}
    for each in planned:
        runs.setdefault(each.scenario.entry_id(each.started), []).append(each)
    twice = [each for each in runs.values() if len(each) > 1]
    assert len(twice) == sum(each.is_mended for each in planned) == 15
    for later, failed in twice:
        assert failed.is_mended
        assert later.way is None
        assert later.started > failed.started


def test_a_smaller_day_has_fewer_of_everything() -> None:
    planned = list(busy_day.day(NOW, jobs=300))
    assert len(planned) == 300
    assert Counter(Counter(each.way for each in planned if each.way is not None).values()) == {10: 6}
    assert sum(each.is_mended for each in planned) == 2


def test_each_job_has_its_own_id_and_number() -> None:
    planned = list(busy_day.day(NOW))[:300]
    bodies = [story.body(each.scenario, each.started, NOW) for each in planned]
    assert len({body["id"] for body in bodies}) == 300
    assert len({body["envelope"]["doc"]["code"] for body in bodies}) == 300
