"""Runs a piece of work under a lease, so that only one worker runs it, and another takes over if that one dies."""

import logging
import uuid
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.db.models import Case, F, Value, When

from jobs import clock
from jobs.background.work_kinds import KINDS
from jobs.models.background import Work

BACK_OFF_MOST = timedelta(minutes=15)
log = logging.getLogger("jobs.background.leased_work")


def run(pk: int) -> bool:
    """Runs the work if it is due and not leased; returns whether it did. Raises only DatabaseError."""
    work = _take(pk, clock.now())
    if work is None:
        return False
    try:
        _release(work, failures=0, due_at=KINDS[work.kind].run(work), done_at=clock.now())
    except DatabaseError:
        raise  # the lease expires
    except Exception:
        log.exception("%s failed", work)
        _release(work, failures=work.failures + 1, due_at=clock.now() + back_off(work.failures + 1))
    return True


def back_off(failures: int) -> timedelta:
    """The delay after so many consecutive failures, counted from 1."""
    return min(timedelta(seconds=5 << min(failures - 1, 10)), BACK_OFF_MOST)


def _take(pk: int, now: datetime) -> Work | None:
    """The row with a new lease, due again when the lease expires, in case the worker dies."""
    work = Work.objects.filter(Work.takeable(now), pk=pk, kind__in=KINDS).first()
    if work is None:
        return None
    until, lease = now + KINDS[work.kind].lease, uuid.uuid4()
    taken = Work.objects.filter(Work.takeable(now), pk=pk)
    if not taken.update(lease=lease, lease_until=until, due_at=until, queued_until=None):
        return None
    return Work.objects.select_related("team").filter(pk=pk, lease=lease).first()


def _release(work: Work, *, due_at: datetime | None, **columns: object) -> None:
    """Ends the lease. A `due_at` that `bring_forward` set meanwhile is kept."""
    due = Case(When(due_at=work.due_at, then=Value(due_at)), default=F("due_at"))
    Work.objects.filter(pk=work.pk, lease=work.lease).update(lease=None, lease_until=None, due_at=due, **columns)
