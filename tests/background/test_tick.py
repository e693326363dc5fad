"""What is due is handed over once, again where the queue has lost it, and the queue does not grow."""

from datetime import timedelta

import pytest
from django_tasks_db.models import DBTaskResult

from jobs import clock
from jobs.background import tick
from jobs.models import Work

pytestmark = pytest.mark.django_db


def test_what_is_due_is_handed_over_once() -> None:
    now = clock.now()
    Work.objects.hasten("purge", now)
    assert [tick.hand_over(now), tick.hand_over(now)] == [1, 0]
    assert DBTaskResult.objects.count() == 1


def test_what_the_queue_has_lost_is_handed_over_again() -> None:
    now = clock.now()
    Work.objects.hasten("purge", now)
    tick.hand_over(now)
    DBTaskResult.objects.update(status="RUNNING")  # its worker was killed
    assert tick.hand_over(now + timedelta(minutes=2)) == 1


def test_what_is_not_due_stays() -> None:
    now = clock.now()
    Work.objects.hasten("purge", now + timedelta(minutes=1))
    assert tick.hand_over(now) == 0


def test_a_kind_of_another_version_is_left_to_that_version() -> None:
    now = clock.now()
    Work.objects.hasten("of_tomorrow", now)
    assert tick.hand_over(now) == 0


def test_a_row_for_all_that_is_to_be_done_is_made_once() -> None:
    for _ in range(2):
        tick.make_rows(clock.now())
    assert Work.objects.filter(key="purge").count() == 1


def test_old_tasks_go_also_those_that_seem_to_run() -> None:
    Work.objects.hasten("purge", clock.now())
    tick.hand_over(clock.now())
    DBTaskResult.objects.update(status="RUNNING", enqueued_at=clock.now() - timedelta(hours=2))
    tick.tidy(clock.now())
    assert not DBTaskResult.objects.exists()
