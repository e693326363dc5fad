"""A message as e-mail: plain text and HTML, in the person's language, with one-click unsubscribe."""

from datetime import datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from jobs.http import public_url
from jobs.models import Channel, Follow, Membership, Message
from jobs.notifications import channels
from jobs.notifications.wording import UNSUBSCRIBED, Notification

SALT = "jobs.notifications.unsubscribe"
SUBJECT = 150  # characters
LINK_GOOD_FOR = timedelta(days=90)  # from the time of the mail
MARKS = {"ok": "#1a9a63", "run": "#3d74ee", "wait": "#ab770a", "warn": "#d8641b", "fault": "#d52f3e", "off": "#77857d"}


def made(address: str, notification: Notification, key: UUID, unsubscribe: str) -> EmailMultiAlternatives:
    """The mail. The same key gives the same Message-ID, so that mailboxes drop duplicates."""
    with translation.override(notification.language):
        about = {
            "notification": notification,
            "unsubscribe": unsubscribe,
            "language": notification.language,
            "mark": MARKS.get(notification.tone, MARKS["off"]),
        }
        plain = render_to_string("notifications/mail.txt", about)
        rich = render_to_string("notifications/mail.html", about)
        subject = " ".join(f"{notification.title} · {notification.team}".split())
    host = urlsplit(settings.PUBLIC_ORIGIN).hostname or "localhost"
    headers = {"Message-ID": f"<{key}@{host}>", "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    if unsubscribe:  # [RFC 8058]
        headers |= {"List-Unsubscribe": f"<{unsubscribe}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    if notification.job_id:
        headers["References"] = f"<{notification.job_id}@{host}>"  # one conversation per job
    mail = EmailMultiAlternatives(
        subject[:SUBJECT], plain, settings.DEFAULT_FROM_EMAIL, [parseaddr(address)[1]], headers=headers
    )
    mail.attach_alternative(rich, "text/html")
    return mail


def unsubscribe_follow(follow: Follow) -> str:
    return _link({"follow": follow.pk})


def unsubscribe_channel(channel: Channel) -> str:
    return _link({"channel": str(channel.key)})


def unsubscribe_manager(membership: Membership) -> str:
    return _link({"manager": membership.pk})


def unsigned(secret: str) -> dict[str, object]:
    """The target of an unsubscribe link. Raises signing.BadSignature; SignatureExpired for an old link."""
    found = signing.loads(secret, salt=SALT, max_age=LINK_GOOD_FOR)
    if not isinstance(found, dict):
        raise signing.BadSignature
    return found


def _link(about: dict[str, object]) -> str:
    return public_url(reverse("jobs:unsubscribe", args=[signing.dumps(about, salt=SALT)]))


def end(about: dict[str, object], now: datetime) -> Channel | Follow | Membership | None:
    """Unsubscribes; returns the follow, channel or membership, or None if it had already ended."""
    follow, channel, manager = about.get("follow"), about.get("channel"), about.get("manager")
    if isinstance(follow, int):
        Message.objects.filter(follow=follow, due_at__isnull=False).delete()
        mine = Follow.objects.select_related("team", "user").filter(pk=follow).first()
        return mine if mine is not None and Follow.objects.filter(pk=follow).delete()[0] else None
    if isinstance(channel, str):
        found = Channel.objects.select_related("team").filter(key=channel).first()
        return found if found is not None and channels.end(found, UNSUBSCRIBED, now) else None
    if isinstance(manager, int):
        member = Membership.objects.select_related("team", "user").filter(pk=manager).first()
        hears = Membership.objects.filter(pk=manager, hears_of_channels=True)
        return member if member is not None and hears.update(hears_of_channels=False) else None
    return None
