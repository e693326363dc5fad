"""The format of a message for each kind of channel: body and headers. Text from the API is escaped."""

import base64
import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from jobs.encryption import Secret
from jobs.models import Channel
from jobs.notifications.wording import Notification

JSON = {"Content-Type": "application/json"}
SECRET_START = "whsec_"  # noqa: S105 (the mark of such a secret, not one)


@dataclass(frozen=True, slots=True)
class Packed:
    body: bytes
    headers: dict[str, str]


def packed(
    kind: str, notification: Notification, public_id: str, now: datetime, secret: Secret | None = None
) -> Packed:
    """The body and headers for every kind except mail."""
    with translation.override(notification.language):
        if kind == Channel.Kind.CHAT:
            return Packed(_bytes(chat(notification)), dict(JSON))
        if kind == Channel.Kind.TEAMS:
            return Packed(_bytes(card(notification)), dict(JSON))
        body = _bytes(webhook(notification))
        return Packed(body, JSON | signed(body, public_id, now, secret))


def chat(notification: Notification) -> dict[str, str]:
    """The format of Slack, Mattermost, Google Chat and Discord's /slack."""
    lines = [
        f"*{_inert(notification.title)}*",
        _inert(notification.identity),
        _inert(notification.why),
        _inert(notification.move),
        f"{_('All of them:')} {notification.link}" if notification.more else notification.link,
        *notification.more,
        notification.rest,
    ]
    return {"text": "\n".join([f"{_inert(notification.team)}: {lines[0]}", *filter(None, lines[1:])])}


def card(notification: Notification) -> dict[str, object]:
    """An adaptive card. It uses text runs, because text blocks interpret markup."""
    colour = {"ok": "good", "fault": "attention", "warn": "warning"}.get(notification.tone, "default")
    body = [
        _run(notification.team, isSubtle=True, size="small"),
        _run(notification.title, weight="bolder", size="medium", color=colour),
        *(
            _run(text)
            for text in (
                notification.identity,
                notification.why,
                notification.move,
                *notification.more,
                notification.rest,
            )
            if text
        ),
    ]
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": [
            {
                "type": "Action.OpenUrl",
                "title": _("Open all of them") if notification.more else _("Open"),
                "url": notification.link,
            }
        ],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": content}
    return {"type": "message", "attachments": [attachment]}


def webhook(notification: Notification) -> dict[str, object]:
    """The body of Standard Webhooks: type, timestamp, data."""
    job = (
        {"id": notification.job_id, "outcome": notification.outcome, "document": notification.document_outcome}
        if notification.job_id
        else None
    )
    data = {
        "team": notification.team,
        "sandbox": notification.is_sandbox,
        "url": notification.link,
        "job": job,
        "verdict": notification.verdict,
        "document": notification.document,
        "why": notification.why,
        "move": notification.move,
        "identity": notification.identity or None,
        "count": notification.count,
        "more": list(notification.more),
    }
    kind = notification.event if notification.event in {"test", "channel_ended"} else f"job.{notification.event}"
    return {"type": kind, "timestamp": notification.at, "data": data}


def signed(body: bytes, public_id: str, now: datetime, secret: Secret | None) -> dict[str, str]:
    """[Standard Webhooks 1.0]: HMAC-SHA256 over id, time and body."""
    stamp = str(int(now.timestamp()))
    headers = {"webhook-id": public_id, "webhook-timestamp": stamp}
    if secret is None:
        return headers
    key = base64.b64decode(secret.reveal().removeprefix(SECRET_START))
    digest = hmac.new(key, b".".join((public_id.encode(), stamp.encode(), body)), hashlib.sha256).digest()
    return headers | {"webhook-signature": f"v1,{base64.b64encode(digest).decode()}"}


def new_secret() -> Secret:
    return Secret(SECRET_START + base64.b64encode(secrets.token_bytes(32)).decode())


def _bytes(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")


def _run(text: str, **looks: object) -> dict[str, object]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **looks}]}


def _inert(text: str) -> str:
    """Text that mentions nobody and contains no links; `&`, `<` and `>` are escaped for Slack."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = text.replace("[", "(").replace("]", ")").replace("@", "@\N{WORD JOINER}")
    return re.sub(r"[*_~`|]", lambda found: f"\N{WORD JOINER}{found[0]}", text).replace("://", ":\N{WORD JOINER}//")
