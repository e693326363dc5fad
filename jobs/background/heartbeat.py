"""Whether a worker is running: each reports every few seconds."""

from datetime import datetime, timedelta
from typing import Literal

from django.db.models import Max

from jobs.models.background import SILENT_AFTER, Worker

EXPECTED_FOR = timedelta(days=7)  # after the last heartbeat; then no worker is expected
State = Literal["never", "heard", "silent"]


def beat(name: str, now: datetime) -> None:
    if not Worker.objects.filter(name=name).update(heard_at=now):
        Worker.objects.get_or_create(name=name, defaults={"started_at": now, "heard_at": now})


def forget(now: datetime) -> None:
    """Deletes workers that ended long ago, except the last one while a worker is expected."""
    last = last_heard()
    if last is not None:
        Worker.objects.filter(heard_at__lt=min(last, now - timedelta(hours=1))).delete()
    Worker.objects.filter(heard_at__lt=now - EXPECTED_FOR).delete()


def last_heard() -> datetime | None:
    """The time of the last heartbeat; None without one."""
    found: datetime | None = Worker.objects.aggregate(last=Max("heard_at"))["last"]
    return found


def state(now: datetime) -> State:
    return state_of(last_heard(), now)


def state_of(last: datetime | None, now: datetime) -> State:
    """The state of the workers; "never" if there was no heartbeat within a week."""
    if last is None or last < now - EXPECTED_FOR:
        return "never"
    return "heard" if last > now - SILENT_AFTER else "silent"


def is_heard(now: datetime) -> bool:
    return state(now) == "heard"
