"""Filters: an invalid value is reported and ignored, and times are in the reader's zone."""

from datetime import UTC, datetime

import pytest
from django.http import QueryDict

from jobs.forms.filter_forms import FailuresForm, JobListForm
from jobs.lookup.job_list import Filters

WORKFLOWS = {"w2": "zebra", "w1": "Apple"}


@pytest.mark.parametrize(
    ("zone", "asked", "hour"),
    [("", "", 9), ("Europe/Madrid", "", 7), ("Europe/Madrid", "&zone=Asia/Tokyo", 0), ("Nowhere", "", 9)],
)
def test_filters_keep_the_choice_and_times_are_in_the_zone(zone: str, asked: str, hour: int) -> None:
    form = JobListForm(QueryDict(f"outcome=failed&workflow=w1&after=2026-10-05T09:00{asked}"), zone)
    assert form.filters() == Filters("failed", "w1", datetime(2026, 10, 5, hour, tzinfo=UTC))


def test_an_unknown_zone_is_reported() -> None:
    form = JobListForm(QueryDict("zone=Mars/Olympus&after=2026-10-05T09:00"), "Europe/Madrid")
    assert form.filters() == Filters(after=datetime(2026, 10, 5, 9, tzinfo=UTC))
    assert set(form.errors) == {"zone"}


def test_an_invalid_filter_is_reported_and_ignored() -> None:
    form = JobListForm(QueryDict("outcome=purple&after=yesterday&workflow=w1"))
    assert form.filters() == Filters(workflow_id="w1")
    assert set(form.errors) == {"outcome", "after"}


def test_workflows_are_chosen_by_name_and_an_unknown_one_stays_chosen() -> None:
    for asked, offered in (("workflow=gone", ["", "gone", "w1", "w2"]), ("", ["", "w1", "w2"])):
        form = JobListForm(QueryDict(asked))
        form.offer(WORKFLOWS, {}, [])
        assert [value for value, _ in form.fields["workflow"].widget.choices] == offered  # type: ignore[attr-defined]


def test_nobody_and_somebody_of_that_name_are_two_choices() -> None:
    form = FailuresForm(QueryDict())
    form.offer({}, [], ["alice", "nobody"])
    choices = dict(form.fields["holder"].widget.choices)  # type: ignore[attr-defined]
    assert choices == {"": "Any", "nobody": "Nobody", "alice": "alice", "user:nobody": "nobody"}
