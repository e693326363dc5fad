"""Enqueues due work and tidies the queue. Any number of processes may do so at once."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django_tasks_db.models import DBTaskResult

from jobs.background.tasks import carry
from jobs.background.work_kinds import KINDS
from jobs.models.background import QUEUED_FOR, Work, key_of

AT_ONCE = 100
TASKS_KEPT = timedelta(hours=1)


def enqueue_due(now: datetime) -> int:
    """Enqueues each due row, at most once a minute; returns how many."""
    free = Q(queued_until__isnull=True) | Q(queued_until__lte=now) | Q(queued_until__gt=now + 2 * QUEUED_FOR)
    due = Work.objects.filter(Work.takeable(now), free, kind__in=KINDS)
    found = list(due.order_by("due_at").values_list("pk", flat=True)[:AT_ONCE])
    return sum(_enqueue(pk, free, now) for pk in found)


def _enqueue(pk: int, free: Q, now: datetime) -> int:
    with transaction.atomic():  # both or neither
        if not Work.objects.filter(Work.takeable(now), free, pk=pk).update(queued_until=now + QUEUED_FOR):
            return 0
        carry.enqueue(pk)
    return 1


def make_rows(now: datetime) -> None:
    """Creates missing Work rows."""
    known = set(Work.objects.values_list("key", flat=True))
    for name, kind in KINDS.items():
        for team in kind.wanted():
            if key_of(name, team) not in known:
                Work.objects.get_or_create(key=key_of(name, team), defaults={"kind": name, "team": team, "due_at": now})


def tidy(now: datetime) -> None:
    """Deletes finished tasks, and those of killed workers, which would stay "running" forever."""
    DBTaskResult.objects.filter(enqueued_at__lt=now - TASKS_KEPT).delete()
