"""When to request again: at the job's own pace, and never for a finished one."""

from datetime import timedelta

import pytest

from jobs.diagnosis.outcome import conclude
from jobs.upstream import schedule
from tests.outcome_jobs import at, intent, job


def seconds(
    *words: object, quiet: float, now: float = 0, provider: str = "gov-pl.send", done: bool = False
) -> float | None:
    conclusion = conclude(job(intent(provider, *words), done=done), at(now))  # type: ignore[arg-type]
    interval = schedule.next_look(conclusion, timedelta(seconds=quiet), at(now))
    return interval.total_seconds() if interval is not None else None


@pytest.mark.parametrize("word", ["OK", "KO", "CANCEL", "QUEUED"])
def test_a_finished_job_is_never_polled_again(word: str) -> None:
    assert seconds("RUN", word, quiet=0, done=True) is None


@pytest.mark.parametrize(
    ("quiet", "interval"),
    [(0, 1), (9, 1), (10, 2), (45, 3), (100, 5), (500, 10), (1_000, 20), (5_000, 30), (99_999, 60)],
)
def test_the_interval_grows_while_nothing_changes(quiet: float, interval: float) -> None:
    assert seconds("RUN", quiet=quiet) == interval


@pytest.mark.parametrize(("quiet", "interval"), [(0, 15), (60, 60), (3_600, 120), (86_400, 300), (9e6, 300)])
def test_a_waiting_job_is_polled_every_minute_and_later_every_five(quiet: float, interval: float) -> None:
    assert seconds("RUN", "QUEUED", quiet=quiet) == interval


def test_intervals_only_grow_while_nothing_happens() -> None:
    for words in (["RUN"], ["RUN", "QUEUED"], ["OK"], ["POKE"], ["SOMETHING"]):
        found = [seconds(*words, quiet=quiet) or 0 for quiet in range(0, 100_000, 50)]
        assert found == sorted(found)


def test_a_retry_is_polled_around_its_expected_time_within_bounds() -> None:
    assert seconds("RUN", ("ERR", 1), quiet=0, now=1) == 6  # five seconds after the error, and one more
    assert seconds("RUN", ("ERR", 1), quiet=0, now=5.9) == 2
    many = [word for number in range(8) for word in (("RUN", number), ("ERR", number))]
    assert seconds(*many, quiet=0, now=8) == 60


def test_a_late_retry_is_polled_at_the_usual_pace() -> None:
    assert seconds("RUN", ("ERR", 1), quiet=1_000, now=1_001) == 20


def test_an_unknown_status_is_polled_like_a_running_job() -> None:
    assert seconds("RUN", "SIGNED", quiet=0) == 1


def test_consecutive_failures_back_off_up_to_half_a_minute() -> None:
    assert [schedule.back_off(count).total_seconds() for count in range(8)] == [2, 2, 4, 8, 16, 30, 30, 30]


def test_a_page_polls_just_after_the_refresh_and_within_the_promised_interval() -> None:
    assert schedule.page_interval(timedelta(seconds=3)) == timedelta(seconds=3, milliseconds=250)
    assert schedule.page_interval(timedelta(hours=1)) == schedule.PAGE_AT_MOST
    assert schedule.page_interval(timedelta(seconds=-5)) == schedule.SOON
