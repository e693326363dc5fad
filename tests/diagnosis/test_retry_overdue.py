"""When a retry is overdue: the same rule for a diagnosed job and for what is stored of it."""

from datetime import timedelta
from itertools import accumulate

from hypothesis import given as drawn
from hypothesis import strategies as st

from jobs.diagnosis.outcome import Outcome, conclude
from jobs.diagnosis.retry_overdue import is_retry_overdue
from jobs.diagnosis.waiting import DAY, RETRIES
from tests.outcome_jobs import at, intent, job


@drawn(st.lists(st.integers(0, 2 * DAY), min_size=1, max_size=6), st.sampled_from(["webhook", "gov-pl.send", "pdf"]))
def test_a_retry_is_overdue_after_as_long_without_an_attempt_as_retries_last(pauses: list[int], action: str) -> None:
    errors = list(accumulate(pauses))
    given = job(intent(action, *(event for after in errors for event in (("RUN", after), ("ERR", after)))))
    for passed, is_overdue in ((0, False), (RETRIES - 1, False), (RETRIES, True), (30 * DAY, True)):
        now = at(errors[-1]) + timedelta(seconds=passed)
        found = conclude(given, now)
        assert (found.outcome, found.is_retry_overdue, found.overdue) == (Outcome.RETRYING, is_overdue, is_overdue)
        assert found.waiting
        assert is_retry_overdue(found.outcome, found.waiting.overdue_at, now) == is_overdue


def test_only_a_retrying_job_has_an_overdue_retry() -> None:
    late = [each for each in Outcome if is_retry_overdue(each, at(0), at(1))]
    assert late == [Outcome.RETRYING]
    assert not is_retry_overdue(Outcome.RETRYING, None, at(1))
