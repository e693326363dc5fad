"""Follows of a job until it ends: people by e-mail, channels for their team."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from jobs.diagnosis.outcome import Outcome
from jobs.models import Channel, Follow, Message, Snapshot, Team
from jobs.models.background import Work
from jobs.notifications import channels, sending
from jobs.upstream import refresh, snapshots

WORK = "follows"  # the kind of background work
MOST = 100  # open follows per person, and per channel
AT_ONCE = 200  # jobs refreshed at once
SOONEST, LATEST = timedelta(seconds=1), timedelta(seconds=30)  # until the next check for due jobs
FORGOTTEN = timedelta(days=60)  # a follow ends after this time even if the job has not


def of_job(team: Team, job_id: UUID) -> list[Follow]:
    """Follows of a job that have not ended."""
    return list(_open(team, job_id).select_related("user", "channel"))


@dataclass(frozen=True, slots=True)
class Choice:
    """A receiver who can follow a job, and whether they do."""

    name: str
    key: str  # of the channel; "" = this person, by e-mail
    is_on: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """How a job can be followed. `obstacle`: why not by e-mail: "no mail", "no address", or ""."""

    mail: Choice
    obstacle: str
    channels: tuple[Choice, ...]

    @property
    def count(self) -> int:
        return self.mail.is_on + sum(each.is_on for each in self.channels)


def choices(
    user: User, team: Team, job_id: UUID, *, is_followed: bool | None = None, has_channels: bool = True
) -> Choices:
    """The choices for a person. `is_followed` and `has_channels` save queries if they are known."""
    if is_followed is None:
        is_followed = _open(team, job_id).filter(user=user).exists()
    on = Exists(_open(team, job_id).filter(channel=OuterRef("pk")))
    offered = channels.at_work(team).annotate(is_on=on) if has_channels else ()
    address = sending.verified_address(user) if settings.MAIL else ""
    return Choices(
        mail=Choice(address, "", is_followed),
        obstacle="" if address else ("no address" if settings.MAIL else "no mail"),
        channels=tuple(Choice(each.name, str(each.key), each.is_on) for each in offered),
    )


def is_over(team: Team, job_id: UUID) -> bool:
    """Whether the job has ended, so that nothing remains to be notified."""
    return Snapshot.objects.filter(team=team, job_id=job_id, is_finished=True).exists()


@transaction.atomic
def start(
    team: Team, job_id: UUID, now: datetime, by: User, language: str, *, channel: Channel | None = None
) -> Follow | None:
    """Starts a follow of this person or the channel; None at the limit. The job is then refreshed until it ends."""
    who = {"channel": channel} if channel else {"user": by}
    (Channel if channel else User).objects.select_for_update(no_key=True).get(pk=(channel or by).pk)
    if Follow.objects.filter(ended_at__isnull=True, **who).count() >= MOST:
        return None
    new: dict[str, object] = {"language": channel.language if channel else language, "made_by": by, "made_at": now}
    new |= {"ended_at": None, "known": ",".join(_known(team, job_id, now))}
    follow, _ = Follow.objects.update_or_create(team=team, job_id=job_id, **who, defaults=new)
    Work.objects.bring_forward(WORK, now)
    return follow


def stop(team: Team, job_id: UUID, *, user: User | None = None, channel: Channel | None = None) -> None:
    """Ends a follow and deletes its unsent messages."""
    who = {"channel": channel} if channel else {"user": user}
    found = Follow.objects.filter(team=team, job_id=job_id, **who)
    Message.objects.filter(follow__in=found, due_at__isnull=False).delete()
    found.delete()


def read_due(now: datetime) -> datetime | None:
    """Refreshes due followed jobs, with one request per job; returns when to check again."""
    open_jobs = set(Follow.objects.filter(ended_at__isnull=True).values_list("team_id", "job_id")[: 10 * AT_ONCE])
    if not open_jobs:
        return None
    job_ids = {job_id for _, job_id in open_jobs}
    rows = {
        (row.team_id, row.job_id): row
        for row in Snapshot.objects.filter(job_id__in=job_ids).select_related("team")
        if (row.team_id, row.job_id) in open_jobs
    }
    for team_id, job_id in open_jobs - set(rows):  # the copy was deleted: fetch it again
        snapshots.for_poll(Team.objects.get(pk=team_id), job_id, now)
    for row in rows.values():
        refresh.extend_expiry(row, now)
        refresh.enqueue(row, now)
    due = [row.next_at for row in rows.values() if row.next_at and not row.is_finished]
    return min(max(min(due, default=now), now + SOONEST), now + LATEST)


def overdue(now: datetime) -> list[Snapshot]:
    """Followed jobs that are overdue."""
    followed = Follow.objects.filter(ended_at__isnull=True)
    late = Snapshot.objects.filter(overdue_at__lte=now, is_finished=False, job_id__in=followed.values("job_id"))
    return list(late.select_related("team", "body")[:AT_ONCE])


def ended(now: datetime) -> list[Snapshot]:
    """Followed jobs that ended without a message yet."""
    followed = Follow.objects.filter(ended_at__isnull=True)
    over = Snapshot.objects.filter(is_finished=True, job_id__in=followed.values("job_id"))
    return list(over.select_related("team", "body")[:AT_ONCE])


def drop_old(now: datetime) -> int:
    old = Q(ended_at__lt=now - timedelta(days=7)) | Q(made_at__lt=now - FORGOTTEN)
    return Follow.objects.filter(old).delete()[0]


def _open(team: Team, job_id: UUID) -> QuerySet[Follow]:
    return Follow.objects.filter(team=team, job_id=job_id, ended_at__isnull=True)


def _known(team: Team, job_id: UUID, now: datetime) -> list[str]:
    """The job's current state, which is not news for a new follower."""
    row = Snapshot.objects.filter(team=team, job_id=job_id).first()
    if row is None:
        return []
    is_overdue = row.overdue_at is not None and row.overdue_at <= now
    has_failed = row.outcome == Outcome.FAILING and row.faults > 0  # else the failure may be handled
    return [*(["failed"] if has_failed else []), *(["overdue"] if is_overdue else [])]
