"""A message as e-mail: in the person's language, with one-click unsubscribe."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.core import signing
from django.utils import timezone

from jobs.models import Follow, Team
from jobs.notifications import follows, mail, wording
from tests.conftest import Stage
from tests.notifications.conftest import Make

KEY = UUID("01a10b57-bee2-7cd4-9c8f-c9b91500a93e")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def notification(language: str = "en") -> wording.Notification:
    team = Team(name="Acme\r\nBcc: x@example.com", slug="acme")
    team.token = None  # not a team of the database
    return wording.example(team, language, whole=True)


def test_the_same_message_has_the_same_id(settings: Any) -> None:
    settings.PUBLIC_ORIGIN = "https://jobs.example.com:8443"
    one, other = (mail.made("bob@example.com", notification(), KEY, "") for _ in range(2))
    assert one.extra_headers["Message-ID"] == other.extra_headers["Message-ID"] == f"<{KEY}@jobs.example.com>"


def test_no_content_can_add_a_header_or_recipient() -> None:
    made = mail.made("Bob <bob@example.com>", notification(), KEY, "")
    assert made.to == ["bob@example.com"]
    assert "\n" not in made.subject
    assert "\r" not in made.subject
    assert len(made.subject) <= mail.SUBJECT
    assert "Bcc" not in dict(made.message().items())


def test_mail_is_text_and_html_in_the_persons_language() -> None:
    english, spanish = (mail.made("bob@example.com", notification(language), KEY, "") for language in ("en", "es"))
    assert english.body != spanish.body
    ((html, kind),) = [tuple(each) for each in english.alternatives]
    assert kind == "text/html"
    assert "FS-26-001209" in english.body
    assert "FS-26-001209" in html


@pytest.mark.parametrize(
    ("language", "all_of_them", "rest"), [("en", "All of them: ", "and 4 more"), ("es", "Todos: ", "y 4 más")]
)
def test_a_digest_leads_to_all_its_jobs_and_says_how_many_it_leaves_out(
    language: str, all_of_them: str, rest: str
) -> None:
    links = [f"https://jobs.example.com/{number}" for number in range(14)]
    digest = wording.digest(notification(language), links, 14, "https://jobs.example.com/failures/")
    made = mail.made("bob@example.com", digest, KEY, "")
    lines = str(made.body).splitlines()
    assert f"{all_of_them}https://jobs.example.com/failures/" in lines
    assert lines[lines.index(links[wording.LINES - 1]) + 1] == rest
    assert rest in str(made.alternatives[0][0])


def test_one_click_unsubscribes() -> None:
    link = "https://jobs.example.com/unsubscribe/x/"
    headers = mail.made("bob@example.com", notification(), KEY, link).extra_headers
    assert headers["List-Unsubscribe"] == f"<{link}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "List-Unsubscribe" not in mail.made("bob@example.com", notification(), KEY, "").extra_headers


def test_a_link_ends_the_follow_it_was_made_for(stage: Stage) -> None:
    mine, other = (follows.start(stage.acme, uuid4(), timezone.now(), stage.bob, "en") for _ in range(2))
    assert mine is not None
    about = mail.unsigned(mail.unsubscribe_follow(mine).rstrip("/").rpartition("/")[2])
    for _ in range(2):
        mail.end(about, timezone.now())
    assert list(Follow.objects.all()) == [other]


def test_a_link_ends_the_channel_it_was_made_for(stage: Stage, make: Make) -> None:
    channel = make("mail", "desk@example.com")
    mail.end(mail.unsigned(mail.unsubscribe_channel(channel).rstrip("/").rpartition("/")[2]), timezone.now())
    channel.refresh_from_db()
    assert channel.ended_at is not None


@pytest.mark.parametrize(
    "secret",
    ["", "x", signing.dumps({"follow": 1}), signing.dumps([1], salt=mail.SALT)],
    ids=["nothing", "a letter", "another purpose", "another shape"],
)
def test_a_forged_link_ends_nothing(secret: str) -> None:
    with pytest.raises(signing.BadSignature):
        mail.unsigned(secret)


def test_a_link_works_for_months(stage: Stage) -> None:
    """The page states what the link is about while it works, and afterwards that it has expired."""
    with time_machine.travel(timezone.now() - mail.LINK_GOOD_FOR - timedelta(hours=1), tick=False):
        old = mail._link({"follow": 1})
    with time_machine.travel(timezone.now() - mail.LINK_GOOD_FOR + timedelta(hours=1), tick=False):
        late = mail._link({"follow": 1})
    assert mail.unsigned(late.rstrip("/").rpartition("/")[2]) == {"follow": 1}
    with pytest.raises(signing.SignatureExpired):
        mail.unsigned(old.rstrip("/").rpartition("/")[2])
