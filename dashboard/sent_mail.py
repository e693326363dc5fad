"""Shows mail that was written to a folder, for a trial without a mail server."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jobs.http import Request

MOST = 50
BETWEEN = b"\n" + b"-" * 79 + b"\n"  # between messages in a file


@dataclass(frozen=True, slots=True)
class Mail:
    at: datetime
    to: str
    subject: str
    text: str


@require_safe
def sent_mail(request: Request) -> HttpResponse:
    """All mails, including links that set passwords: for operators only, except in a trial on one machine."""
    if settings.SECURE_TRANSPORT and not request.user.is_staff:
        raise Http404
    return render(request, "sent_mail.html", {"mails": found(Path(settings.MAIL["EMAIL_FILE_PATH"]))})


def found(folder: Path) -> list[Mail]:
    """The mails in a folder, latest first."""
    files = sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime, reverse=True)[:MOST]
    return [mail for file in files for mail in reversed(_read(file))]


def _read(file: Path) -> list[Mail]:
    at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    texts = [text for text in file.read_bytes().split(BETWEEN) if text.strip()]
    return [_mail(text, at) for text in texts]


def _mail(text: bytes, at: datetime) -> Mail:
    message = message_from_bytes(text, policy=policy.default)
    plain = message.get_body(("plain",))
    return Mail(at, str(message["To"]), str(message["Subject"]), plain.get_content() if plain else "")
