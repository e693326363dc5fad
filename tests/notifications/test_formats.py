"""The format of a message for each kind of channel."""

import base64
import hashlib
import hmac
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from jobs.models import Channel, Team
from jobs.notifications import about_jobs, about_notes, formats, wording

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEAM = Team(name="Acme", slug="acme")
TEAM.token = None
KINDS = [kind.value for kind in Channel.Kind if kind != Channel.Kind.MAIL]
HOSTILE = "<!channel> @everyone [click](https://evil.example) *x* https://evil.example <https://evil.example|ok> & co"


@pytest.fixture
def notification() -> wording.Notification:
    return wording.example(TEAM, "en", whole=True)


@pytest.fixture
def hostile(notification: wording.Notification) -> wording.Notification:
    return replace(notification, why=HOSTILE, team=HOSTILE, verdict=HOSTILE)


def body(kind: str, notification: wording.Notification) -> Any:
    return json.loads(formats.packed(kind, notification, "msg_1", NOW).body)


def test_a_chat_gets_text(notification: wording.Notification) -> None:
    said = body("chat", notification)
    assert set(said) == {"text"}
    first, *_, last = said["text"].splitlines()
    assert first == "Acme: *Completed with faults · Not sent*"
    assert last == notification.link


def test_chat_text_mentions_nobody_and_hides_no_link(hostile: wording.Notification) -> None:
    text = body("chat", hostile)["text"].replace(hostile.link, "")
    for sign in ("<", ">", "@everyone", "[", "](", "://evil"):
        assert sign not in text


def test_teams_gets_a_card_without_markup(hostile: wording.Notification) -> None:
    said = body("teams", hostile)
    card = said["attachments"][0]["content"]
    assert (said["type"], card["type"], card["version"]) == ("message", "AdaptiveCard", "1.4")
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}  # no text block: that one reads Markdown
    assert card["actions"] == [{"type": "Action.OpenUrl", "title": "Open", "url": hostile.link}]


@pytest.mark.parametrize("kind", ["chat", "teams"])
@pytest.mark.parametrize(("count", "rest"), [(14, "and 4 more"), (11, "and 1 more"), (10, "")])
def test_a_digest_says_how_many_jobs_it_leaves_out(
    notification: wording.Notification, kind: str, count: int, rest: str
) -> None:
    links = [f"https://jobs.example.com/{number}" for number in range(count)]
    digest = wording.digest(notification, links, count, "https://jobs.example.com/failures/")
    said = formats.packed(kind, digest, "msg_1", NOW).body.decode()
    assert said.count("https://jobs.example.com/") == wording.LINES + 1
    assert (" more" in said.partition("more jobs:")[2]) is bool(rest)
    assert rest in said


def test_a_webhook_is_signed_per_standard(notification: wording.Notification) -> None:
    secret = formats.new_secret()
    packed = formats.packed("webhook", notification, "msg_1", NOW, secret)
    stamp = packed.headers["webhook-timestamp"]
    key = base64.b64decode(secret.reveal().removeprefix("whsec_"))
    expected = hmac.new(key, f"msg_1.{stamp}.{packed.body.decode()}".encode(), hashlib.sha256).digest()
    assert packed.headers["webhook-signature"] == f"v1,{base64.b64encode(expected).decode()}"
    assert (packed.headers["webhook-id"], int(stamp)) == ("msg_1", NOW.timestamp())
    said = json.loads(packed.body)
    assert set(said) == {"type", "timestamp", "data"}
    assert said["type"] == "job.ended"
    assert said["data"]["job"]["outcome"] == "completed_faults"


def test_every_type_is_documented_for_receivers() -> None:
    events = (about_jobs.ENDED, about_jobs.FAILED, about_jobs.OVERDUE, about_notes.NOTE, "digest")
    page = (Path(__file__).parents[2] / "docs/scripts.md").read_text().partition("## Receive messages")[2]
    types = set(re.findall(r"^\| `([a-z.]+)` \|", page, re.MULTILINE)) - {"type"}
    assert types == {"test", *(f"job.{each}" for each in events)}


def test_the_standards_example_verifies() -> None:
    """The example of the specification."""
    from jobs.encryption import Secret

    payload = b'{"test": 2432232314}'
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = formats.signed(
        payload, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_every_kind_has_its_own_format(notification: wording.Notification) -> None:
    assert len({formats.packed(kind, notification, "msg_1", NOW).body for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_without_permission_there_is_no_identity(kind: str) -> None:
    assert "Lucía" in json.dumps(body(kind, wording.example(TEAM, "en", whole=True)), ensure_ascii=False)
    assert "Lucía" not in json.dumps(body(kind, wording.example(TEAM, "en", whole=False)), ensure_ascii=False)
