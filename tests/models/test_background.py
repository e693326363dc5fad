"""Recurring work: a row is created with its first run, and leased by one process at a time."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from jobs.models.background import Work, key_of
from tests.conftest import Stage

NOW = timezone.now()
SECOND = timedelta(seconds=1)


def test_each_team_has_its_own_row(stage: Stage) -> None:
    assert len({key_of("sweep"), key_of("sweep", stage.acme), key_of("sweep", stage.elsewhere)}) == 3


def test_work_brought_forward_is_due_now_and_never_later_than_before(stage: Stage) -> None:
    Work.objects.bring_forward("sweep", NOW, stage.acme)
    Work.objects.bring_forward("sweep", NOW + SECOND, stage.acme)
    work = Work.objects.get()
    assert (work.kind, work.team, work.due_at) == ("sweep", stage.acme, NOW)
    Work.objects.update(due_at=None)
    Work.objects.bring_forward("sweep", NOW + SECOND, stage.acme)
    assert Work.objects.get().due_at == NOW + SECOND


@pytest.mark.parametrize(
    ("due_at", "lease_until", "takeable"),
    [
        (NOW, None, True),
        (NOW + SECOND, None, False),
        (None, None, False),
        (NOW, NOW + SECOND, False),
        (NOW, NOW, True),
        (NOW, NOW + timedelta(hours=2), True),
    ],
    ids=["due", "not yet", "without a time", "somebody is at it", "its lease ran out", "written by another clock"],
)
def test_due_and_free_rows_can_be_taken(
    stage: Stage, due_at: datetime | None, lease_until: datetime | None, takeable: bool
) -> None:
    Work.objects.create(key="x", kind="x", due_at=due_at, lease_until=lease_until)
    assert Work.objects.filter(Work.takeable(NOW)).exists() is takeable
