"""A piece of work is run by one worker at a time, and again if that worker dies."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError

from jobs import clock
from jobs.background import leased_work, work_kinds
from jobs.background.work_kinds import Kind
from jobs.models import Team, Work

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@contextmanager
def kind(run: work_kinds.Run) -> Iterator[Work]:
    """The test's own kind of work, due now."""
    work_kinds.KINDS["ours"] = Kind(run, timedelta(minutes=5), list)
    try:
        Work.objects.bring_forward("ours", clock.now() - timedelta(minutes=10))
        yield Work.objects.get(key="ours")
    finally:
        del work_kinds.KINDS["ours"]


def in_an_hour(row: Work) -> datetime:
    return clock.now() + HOUR


def test_work_runs_once_and_is_due_again_when_it_says() -> None:
    done = []
    with kind(lambda row: done.append(row.key) or in_an_hour(row)) as row:  # type: ignore[func-returns-value]
        assert leased_work.run(row.pk)
        assert not leased_work.run(row.pk)
        row.refresh_from_db()
    assert done == ["ours"]
    assert row.due_at is not None
    assert row.due_at > clock.now() + HOUR - timedelta(minutes=1)
    assert row.lease is None


def test_only_one_worker_runs_it_at_a_time() -> None:
    tried = []
    with kind(lambda row: tried.append(leased_work.run(row.pk)) or in_an_hour(row)) as row:  # type: ignore[func-returns-value]
        leased_work.run(row.pk)
    assert tried == [False]


def test_work_of_a_dead_worker_is_due_when_its_lease_expires() -> None:
    with kind(in_an_hour) as row:
        assert leased_work._take(row.pk, clock.now() - timedelta(minutes=6)) is not None  # and its worker died
        assert leased_work.run(row.pk)


def test_a_worker_that_lost_its_lease_changes_nothing() -> None:
    with kind(in_an_hour) as row:
        late = leased_work._take(row.pk, clock.now() - timedelta(minutes=6))
        assert late is not None
        assert leased_work.run(row.pk)
        leased_work._release(late, due_at=clock.now())
        row.refresh_from_db()
    assert row.due_at is not None
    assert row.due_at > clock.now()


def test_work_brought_forward_while_running_runs_again() -> None:
    def brought_forward(row: Work) -> datetime:
        Work.objects.bring_forward("ours", clock.now())
        return in_an_hour(row)

    with kind(brought_forward) as row:
        assert leased_work.run(row.pk)
        assert leased_work.run(row.pk)


def test_each_failure_delays_the_retry_a_little_longer() -> None:
    def failing(row: Work) -> datetime:
        raise ValueError

    with kind(failing) as row:
        assert leased_work.run(row.pk)
        row.refresh_from_db()
        assert row.failures == 1
        assert row.due_at is not None
        assert row.due_at <= clock.now() + timedelta(seconds=5)
    assert leased_work.back_off(2) == timedelta(seconds=10)
    assert leased_work.back_off(1000) == timedelta(minutes=15)


def test_no_work_is_lost_while_the_database_is_away() -> None:
    def away(row: Work) -> datetime:
        raise OperationalError

    with kind(away) as row:
        with pytest.raises(OperationalError):
            leased_work.run(row.pk)
        row.refresh_from_db()
    assert row.due_at == row.lease_until


def test_unscheduled_work_waits_until_brought_forward() -> None:
    with kind(lambda row: None) as row:
        assert leased_work.run(row.pk)
        assert not leased_work.run(row.pk)
        Work.objects.bring_forward("ours", clock.now())
        assert leased_work.run(row.pk)


def test_each_team_has_its_own_work() -> None:
    acme, other = (Team.objects.create(slug=slug, name=slug) for slug in ("acme", "other"))
    for team in (acme, other, acme):
        Work.objects.bring_forward("ours", clock.now(), team)
    assert Work.objects.filter(kind="ours").count() == 2
    acme.delete()
    assert Work.objects.get(kind="ours").team == other
