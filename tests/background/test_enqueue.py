"""Due work is enqueued once, and again if the queue lost it; the queue does not grow."""

from datetime import timedelta

import pytest
from django_tasks_db.models import DBTaskResult

from jobs import clock
from jobs.background import enqueue
from jobs.models import Work

pytestmark = pytest.mark.django_db


def test_due_work_is_enqueued_once() -> None:
    now = clock.now()
    Work.objects.bring_forward("purge", now)
    assert [enqueue.enqueue_due(now), enqueue.enqueue_due(now)] == [1, 0]
    assert DBTaskResult.objects.count() == 1


def test_work_lost_by_the_queue_is_enqueued_again() -> None:
    now = clock.now()
    Work.objects.bring_forward("purge", now)
    enqueue.enqueue_due(now)
    DBTaskResult.objects.update(status="RUNNING")  # its worker was killed
    assert enqueue.enqueue_due(now + timedelta(minutes=2)) == 1


def test_work_not_yet_due_stays() -> None:
    now = clock.now()
    Work.objects.bring_forward("purge", now + timedelta(minutes=1))
    assert enqueue.enqueue_due(now) == 0


def test_an_unknown_kind_is_left_to_the_version_that_knows_it() -> None:
    now = clock.now()
    Work.objects.bring_forward("of_tomorrow", now)
    assert enqueue.enqueue_due(now) == 0


def test_missing_rows_are_created_once() -> None:
    for _ in range(2):
        enqueue.make_rows(clock.now())
    assert Work.objects.filter(key="purge").count() == 1


def test_old_tasks_are_removed_even_if_marked_running() -> None:
    Work.objects.bring_forward("purge", clock.now())
    enqueue.enqueue_due(clock.now())
    DBTaskResult.objects.update(status="RUNNING", enqueued_at=clock.now() - timedelta(hours=2))
    enqueue.tidy(clock.now())
    assert not DBTaskResult.objects.exists()
