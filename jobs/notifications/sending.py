"""An attempt to send a message. Reasons are fixed phrases, so that no address or response gets into a row or a log."""

import smtplib
from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.views.decorators.debug import sensitive_variables

from jobs.encryption import Secret
from jobs.invopop.errors import APIError
from jobs.invopop.posting import post
from jobs.models import Channel, Membership, Message
from jobs.notifications import addresses, formats, mail
from jobs.notifications.wording import CHANNEL_ENDED, Notification

SENT, FAILED, GONE, DROPPED = "sent", "failed", "gone", "dropped"


@dataclass(frozen=True, slots=True)
class Outcome:
    what: str
    reason: str = ""
    retry_after: int = 0  # seconds


def send(message: Message, notification: Notification, now: datetime) -> Outcome:
    """Sends a message. Raises encryption.Unreadable."""
    channel = message.channel
    if channel is None:
        return _to_person(message, notification)
    if channel.ended_at is not None:
        return Outcome(DROPPED, "channel ended")
    try:
        addresses.check(channel.kind, channel.address().reveal())
    except ValidationError:  # saved under an older rule, or its origin is no longer in CHANNEL_ORIGINS
        return Outcome(FAILED, "address refused")
    if channel.kind == Channel.Kind.MAIL:
        return _mailed(channel.address(), notification, message, mail.unsubscribe_channel(channel))
    return _posted(channel, message, notification, now)


def verified_address(user: User) -> str:
    """The address this person has verified, or ""."""
    proved = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "pk").first()
    return proved.email if proved else ""


def can_mail(user: User) -> bool:
    """Whether this installation sends mail and this person has verified an address."""
    return bool(settings.MAIL) and bool(verified_address(user))


@sensitive_variables()
def _posted(channel: Channel, message: Message, notification: Notification, now: datetime) -> Outcome:
    secret = channel.secret() if channel.sealed_secret else None
    packed = formats.packed(channel.kind, notification, message.public_id, now, secret)
    try:
        answer = post(channel.address(), packed.body, packed.headers, trusted_origins=settings.CHANNEL_ORIGINS)
    except APIError as error:
        return Outcome(FAILED, error.reason)
    if 200 <= answer.status < 300:
        return Outcome(SENT)
    if answer.status == 410:
        return Outcome(GONE, "http 410")
    word = "redirected" if 300 <= answer.status < 400 else f"http {answer.status}"
    return Outcome(FAILED, word, answer.retry_after)


def _to_person(message: Message, notification: Notification) -> Outcome:
    """Mails a person, if their address is verified and they are still a member."""
    user = message.user
    if user is None or not user.is_active:
        return Outcome(DROPPED, "no such person")
    membership = Membership.objects.filter(team=message.team_id, user=user).first()
    if membership is None:
        return Outcome(DROPPED, "no member any more")
    if message.event == CHANNEL_ENDED and not membership.hears_of_channels:
        return Outcome(DROPPED, "unsubscribed")
    address = verified_address(user)
    if not address:
        return Outcome(DROPPED, "no verified address")
    if message.event == CHANNEL_ENDED:
        link = mail.unsubscribe_manager(membership)
    else:
        link = mail.unsubscribe_follow(message.follow) if message.follow else ""
    return _mailed(Secret(address), notification, message, link)


@sensitive_variables()
def _mailed(address: Secret, notification: Notification, message: Message, unsubscribe: str) -> Outcome:
    if not settings.MAIL:
        return Outcome(DROPPED, "no mail server")
    try:
        mail.made(address.reveal(), notification, message.key, unsubscribe).send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        return Outcome(FAILED, f"smtp {max(codes, default=0)}")
    except smtplib.SMTPResponseException as error:
        return Outcome(FAILED, f"smtp {error.smtp_code}")
    except (smtplib.SMTPException, OSError) as error:
        return Outcome(FAILED, "timeout" if isinstance(error, TimeoutError) else "no connection")
    return Outcome(SENT)
