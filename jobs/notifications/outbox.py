"""The outbox. Messages are written in the transaction of their event, and sent at least once.

A message is marked as sent after sending: if a worker dies in between, its lease expires and the message is sent again
with the same idempotency key. After a failure it is retried for a day, with growing pauses.
"""

import logging
import random
import time
import uuid
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from jobs import clock, encryption
from jobs.encryption import Secret
from jobs.models import SENDING, Channel, Follow, Membership, Message, Team
from jobs.models.background import Work
from jobs.notifications import channels, sending, wording
from jobs.notifications.wording import Notification

WORK = "notifications"  # the kind of background work
AT_A_TIME = 30.0  # seconds of sending before other work has its turn
GIVEN_UP_AFTER = timedelta(days=1)
KEPT = timedelta(days=7)  # for messages that were sent or given up; news is never older
BACK_OFF = (10, 30, 60, 300, 900, 1800, 3600)  # seconds after 1, 2, 3 … consecutive failures
log = logging.getLogger("jobs.notifications.outbox")


def write(
    notification: Notification,
    about: str,
    team: Team,
    now: datetime,
    *,
    channel: Channel | None = None,
    user: User | None = None,
    follow: Follow | None = None,
    job_id: uuid.UUID | None = None,
    cause: str = "",
    due_at: datetime | None = None,
) -> Message | None:
    """Stores a message; None if this receiver already has it."""
    due = due_at or (channels.not_before(channel, now) if channel else now)
    message = Message(
        team=team, about=about, channel=channel, user=user, follow=follow, job_id=job_id, event=notification.event,
        cause=cause, made_at=now, due_at=due,
    )  # fmt: skip
    message.sealed = encryption.seal(Secret(notification.as_json()), message.place)
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError:
        return None
    Work.objects.bring_forward(WORK, due)
    return message


def rewrite(message: Message, notification: Notification) -> None:
    """Replaces the text of a waiting message."""
    sealed = encryption.seal(Secret(notification.as_json()), message.place)
    Message.objects.filter(pk=message.pk, attempts=0, lease__isnull=True).update(sealed=sealed)


def note_counted(about: str, team: Team, channel: Channel, job_id: uuid.UUID, now: datetime) -> None:
    """Stores that a digest counts the job, as a message that is never sent, so that its end is not reported again."""
    fields = {"team": team, "channel": channel, "job_id": job_id, "event": "counted", "made_at": now}
    Message.objects.get_or_create(about=about, defaults=fields)


def is_written(about: str) -> bool:
    """Whether this was written before; `about` identifies a message."""
    return Message.objects.filter(about=about).exists()


def content(message: Message) -> Notification:
    """The decrypted content of a message. Raises encryption.Unreadable."""
    return wording.read(encryption.unseal(message.sealed, message.place).reveal())


def deliver_due() -> datetime | None:
    """Sends due messages for a limited time; returns when the next is due."""
    deadline = time.monotonic() + AT_A_TIME
    while time.monotonic() < deadline:
        message = take(clock.now())
        if message is None:
            break
        deliver(message)
    return next_due(clock.now())


def take(now: datetime) -> Message | None:
    """The next message, leased."""
    channel_rests = Q(channel__retry_at__gt=now)
    found = _first_of_their_job().filter(Message.takeable(now)).exclude(channel_rests).order_by("due_at", "pk")
    for pk in list(found.values_list("pk", flat=True)[:5]):
        lease = uuid.uuid4()
        if Message.objects.filter(Message.takeable(now), pk=pk).update(lease=lease, lease_until=now + SENDING):
            return Message.objects.select_related("team", "channel", "user", "follow").filter(pk=pk).first()
    return None


def deliver(message: Message) -> None:
    """Sends a leased message and stores the result."""
    try:
        outcome = sending.send(message, content(message), clock.now())
    except encryption.Unreadable:
        outcome = sending.Outcome(sending.FAILED, "unreadable")
    _note(message, outcome, clock.now())


def send_now(message: Message) -> Message:
    """Makes one attempt at once, while a person waits; the returned row has the result."""
    now, lease = clock.now(), uuid.uuid4()
    if Message.objects.filter(Message.takeable(now), pk=message.pk).update(lease=lease, lease_until=now + SENDING):
        deliver(Message.objects.select_related("team", "channel", "user", "follow").get(pk=message.pk))
    return Message.objects.get(pk=message.pk)


def next_due(now: datetime) -> datetime | None:
    """When the next message may be sent; None without messages."""
    times = _first_of_their_job().order_by("due_at").values_list("due_at", "channel__retry_at", "lease_until")[:200]
    return min((max(filter(None, each)) for each in times), default=None)


def drop_old(now: datetime) -> int:
    """Deletes old messages that were sent or given up; open ones are never older than a day."""
    return Message.objects.filter(due_at__isnull=True, made_at__lt=now - KEPT).delete()[0]


def given_up(team: Team) -> QuerySet[Message]:
    """The latest undelivered messages."""
    return (
        Message.objects.filter(team=team, dead_at__isnull=False).select_related("channel", "user").order_by("-pk")[:20]
    )


def end_channel(channel: Channel, reason: str, now: datetime) -> None:
    """Ends a channel and notifies the managers."""
    if channels.end(channel, reason, now):
        notify_managers(channel, reason, now)


def notify_managers(channel: Channel, reason: str, now: datetime) -> None:
    """Notifies the managers by e-mail that a channel has ended."""
    log.warning("channel %s of team %s ended: %s", channel.key, channel.team_id, reason)
    managers = Membership.objects.filter(team=channel.team_id, role=Membership.Role.MANAGER, user__is_active=True)
    for membership in managers.filter(hears_of_channels=True).select_related("user", "team"):
        if not sending.can_mail(membership.user):
            continue  # they see it on the page
        notification = wording.channel_ended(membership.team, channel.name, channel.language, now, reason)
        about = f"channel-ended:{channel.pk}:{now.isoformat()}:{membership.user_id}"
        write(notification, about, membership.team, now, user=membership.user)


def _first_of_their_job() -> QuerySet[Message]:
    """Waiting messages without an earlier one for the same job and receiver, which keeps the order."""
    waiting = Message.objects.filter(due_at__isnull=False)
    earlier = waiting.filter(pk__lt=OuterRef("pk"), job_id=OuterRef("job_id"))
    blocked = Exists(earlier.filter(channel=OuterRef("channel"))) | Exists(earlier.filter(user=OuterRef("user")))
    return waiting.exclude(blocked)


def _note(message: Message, outcome: sending.Outcome, now: datetime) -> None:
    ours = Message.objects.filter(pk=message.pk, lease=message.lease)
    free: dict[str, object] = {"lease": None, "lease_until": None, "attempts": message.attempts + 1}
    if outcome.what == sending.SENT:
        with transaction.atomic():
            ours.update(due_at=None, sent_at=now, sealed="", reason="", **free)
            if message.channel:
                working = {"sent_at": now, "failing_since": None, "retry_at": None, "reason": ""}
                Channel.objects.filter(pk=message.channel.pk).update(**working)
    elif outcome.what == sending.DROPPED:
        ours.update(due_at=None, dead_at=now, sealed="", reason=outcome.reason, **free)
    elif outcome.what == sending.GONE and message.channel:
        with transaction.atomic():
            ours.update(due_at=None, dead_at=now, sealed="", reason=outcome.reason, **free)
            end_channel(message.channel, outcome.reason, now)
    else:
        _later(message, ours, outcome, free, now)


def _later(
    message: Message, ours: QuerySet[Message], outcome: sending.Outcome, free: dict[str, object], now: datetime
) -> None:
    again = now + max(_back_off(message.attempts + 1), timedelta(seconds=outcome.retry_after))
    channel = message.channel
    failing_since = (channel.failing_since or now) if channel else message.made_at
    if now - failing_since >= GIVEN_UP_AFTER:
        with transaction.atomic():
            ours.update(due_at=None, dead_at=now, sealed="", reason=outcome.reason, **free)
            if channel:
                end_channel(channel, outcome.reason, now)
        return
    with transaction.atomic():
        ours.update(due_at=again, reason=outcome.reason, **free)
        if channel:
            failing = {"failing_since": failing_since, "retry_at": again, "reason": outcome.reason}
            Channel.objects.filter(pk=channel.pk, ended_at__isnull=True).update(**failing)


def _back_off(failures: int) -> timedelta:
    """The pause, plus up to half of it, so that messages that failed together are not retried together."""
    return timedelta(seconds=BACK_OFF[min(failures, len(BACK_OFF)) - 1] * random.uniform(1, 1.5))
