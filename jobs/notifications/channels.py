"""Creates, changes and ends a team's channels, and re-encrypts their addresses."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from jobs import encryption
from jobs.encryption import Secret
from jobs.models import Channel, Message, Rule, Team
from jobs.notifications import addresses, formats

MOST = 20  # channels per team


@transaction.atomic
def make(team: Team, kind: str, name: str, address: Secret, language: str, by: User, now: datetime) -> Channel:
    """Creates a channel. A webhook's `secret()` is shown once. Raises ValidationError."""
    addresses.check(kind, address.reveal())
    team.lock()
    if Channel.objects.filter(team=team).count() >= MOST:
        raise ValidationError(_("The team has too many channels. Remove one first."), code="too_many")
    channel = Channel(team=team, kind=kind, name=name, language=language, made_by=by, made_at=now)
    channel.host = _shown(kind, address.reveal())
    channel.sealed = encryption.seal(address, channel.place)
    if kind == Channel.Kind.WEBHOOK:
        channel.sealed_secret = encryption.seal(formats.new_secret(), channel.secret_place)
    channel.save()
    return channel


def of_team(team: Team) -> list[Channel]:
    """With their rules."""
    rules = Prefetch("rules", Rule.objects.order_by("pk"))
    return list(Channel.objects.filter(team=team).select_related("made_by").prefetch_related(rules))


def at_work(team: Team) -> QuerySet[Channel]:
    """Channels that accept messages."""
    return Channel.objects.filter(team=team, ended_at__isnull=True)


def start_again(channel: Channel) -> None:
    Channel.objects.filter(pk=channel.pk).update(ended_at=None, failing_since=None, retry_at=None, reason="")


def end(channel: Channel, reason: str, now: datetime) -> bool:
    """Stops all messages. False if it had already ended."""
    if not Channel.objects.filter(pk=channel.pk, ended_at__isnull=True).update(ended_at=now, reason=reason[:100]):
        return False
    waiting = Message.objects.filter(channel=channel, due_at__isnull=False)
    waiting.update(due_at=None, dead_at=now, reason=reason[:100], sealed="")
    return True


def not_before(channel: Channel, now: datetime) -> datetime:
    """The earliest time for a message: now, or the end of the quiet hours."""
    start, end_hour = channel.quiet_from, channel.quiet_until
    if start is None or end_hour is None or start == end_hour:
        return now
    here = now.astimezone(zone(channel.zone))
    is_quiet = start <= here.hour < end_hour if start < end_hour else here.hour >= start or here.hour < end_hour
    if not is_quiet:
        return now
    until = here.replace(hour=end_hour, minute=0, second=0, microsecond=0)
    return (until if until > here else until + timedelta(days=1)).astimezone(now.tzinfo)


def zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return ZoneInfo("UTC")


def reseal() -> int:
    """Re-encrypts addresses, secrets and messages with the newest key; returns how many. Undecryptable ones stay."""
    moved = 0
    for row, column, place in under_old_keys():
        sealed = getattr(row, column)
        try:
            again = encryption.seal(encryption.unseal(sealed, place), place)
        except encryption.Unreadable:
            continue
        moved += type(row).objects.filter(pk=row.pk, **{column: sealed}).update(**{column: again})
    return moved


def under_old_keys() -> Iterator[tuple[Channel | Message, str, str]]:
    for channel in Channel.objects.all():
        yield from _old(channel, ("sealed", channel.place), ("sealed_secret", channel.secret_place))
    for message in Message.objects.exclude(sealed="").iterator(500):
        yield from _old(message, ("sealed", message.place))


def _old(row: Channel | Message, *columns: tuple[str, str]) -> Iterator[tuple[Channel | Message, str, str]]:
    for column, place in columns:
        sealed = getattr(row, column)
        if sealed and not encryption.is_newest(sealed):
            yield row, column, place


def _shown(kind: str, address: str) -> str:
    """The visible part of an address: the host, or the domain of a mailbox."""
    if kind == Channel.Kind.MAIL:
        return address.rpartition("@")[2][:200]
    return (urlsplit(address).hostname or "")[:200]
