"""The page of sent mail, if mail is written to a folder."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.http import Http404
from django.test import RequestFactory

from dashboard import environment, mail_settings, sent_mail


@pytest.fixture
def folder(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EMAIL_URL", f"file://{tmp_path}")
    settings.MAIL = environment.mail()
    for name, value in mail_settings.settings(settings.MAIL).items():
        setattr(settings, name, value)
    return tmp_path


def send(subject: str) -> None:
    mail = EmailMultiAlternatives(subject, "Hello, Lucía\nhttp://x.example/", "a@example.com", ["b@example.com"])
    mail.attach_alternative("<p>Hello</p>", "text/html")
    mail.send()


def test_sent_mails_are_shown_newest_first(folder: Path, rf: RequestFactory) -> None:
    assert sent_mail.found(folder) == []
    send("one")
    for file in folder.iterdir():
        import os

        os.utime(file, (1, 1))
    send("two – ü")
    assert [(mail.subject, mail.to) for mail in sent_mail.found(folder)] == [
        ("two – ü", "b@example.com"), ("one", "b@example.com"),
    ]  # fmt: skip
    assert "Lucía" in sent_mail.found(folder)[0].text


def test_the_page_shows_sent_mail(folder: Path, rf: RequestFactory) -> None:
    send("<b>one</b>")
    request: Any = rf.get("/sent-mail/")
    page = sent_mail.sent_mail(request).content.decode()
    assert "&lt;b&gt;one" in page
    assert '<a href="http://x.example/"' in page


def test_over_https_only_operators_see_it(folder: Path, rf: RequestFactory, settings: Any) -> None:
    """It contains links to set passwords: a member must not take over an operator's account."""
    settings.SECURE_TRANSPORT = True
    request: Any = rf.get("/sent-mail/")
    request.user = User(username="bob")
    with pytest.raises(Http404):
        sent_mail.sent_mail(request)
    request.user.is_staff = True
    assert sent_mail.sent_mail(request).status_code == 200
