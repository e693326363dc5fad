"""The kinds of work, each with its function and maximum duration."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.management import call_command

from jobs import clock
from jobs.background import sweeps
from jobs.models import Team
from jobs.models.background import Work
from jobs.notifications import about_jobs, follows, outbox

Run = Callable[[Work], datetime | None]  # runs it and returns when it is due again; None = not automatically


@dataclass(frozen=True, slots=True)
class Kind:
    run: Run
    lease: timedelta  # longer than it ever takes; then another worker takes over
    wanted: Callable[[], list[Team | None]]  # the teams that need a row


def purge(work: Work) -> datetime:
    call_command("purge", stdout=io.StringIO())
    return clock.now() + timedelta(hours=1)


def without_team() -> list[Team | None]:
    return [None]


def followed(work: Work) -> datetime | None:
    now = clock.now()
    about_jobs.notify_overdue_and_ended(now)
    return follows.read_due(now)


def notifications(work: Work) -> datetime | None:
    return outbox.deliver_due()


KINDS = {
    "purge": Kind(purge, timedelta(minutes=30), without_team),
    "sweep": Kind(sweeps.run, sweeps.LEASE, sweeps.teams),
    follows.WORK: Kind(followed, timedelta(minutes=2), without_team),
    outbox.WORK: Kind(notifications, timedelta(minutes=1), without_team),
}
