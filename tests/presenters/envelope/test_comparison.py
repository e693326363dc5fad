"""Two envelopes side by side, the earlier first.

pytest refuses every query here, for no test asks for the database.
"""

from datetime import timedelta
from uuid import UUID

from jobs.presenters.envelope import comparison
from tests.presenters.job_bodies import NOW, copy

JOB, OTHER = UUID("01a10b57-bee2-7cd4-9c8f-c9b91500a93e"), UUID("01a10b57-bee2-7cd4-9c8f-c9b91500a93f")


def test_a_comparison_makes_no_query_and_puts_the_earlier_job_first() -> None:
    this = copy(JOB, envelope={"doc": 1})
    other = copy(OTHER, NOW - timedelta(hours=1), envelope={"doc": 2})
    for found in (comparison.compare(this, other), comparison.compare(other, this)):
        assert found.before is not None
        assert found.before.job_id == OTHER
        assert found.changes is not None
        assert len(found.changes.found) == 1


def test_the_job_without_an_envelope_is_named() -> None:
    full, empty = copy(JOB, envelope={}), copy(OTHER)
    assert comparison.compare(empty, full).problem == "empty_here"
    assert comparison.compare(full, empty).problem == "empty_there"
