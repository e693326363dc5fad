"""Followers of a job are notified about a colleague's note, without its text."""

from typing import Any

from django.utils import timezone

from jobs import encryption
from jobs.cases import change_signal, claims, notes
from jobs.models import Channel, Follow, Message, Note
from jobs.notifications import wording
from tests.cases.conftest import Seen, seen  # noqa: F401 (a fixture)
from tests.conftest import Stage
from tests.notifications.conftest import Make

SECRET = "Lucía has paid"


def follow(stage: Stage, job: Any, by: Any, channel: Channel | None = None, language: str = "en") -> Follow:
    return Follow.objects.create(
        team=stage.acme, job_id=job, user=by, channel=channel, language=language, made_at=timezone.now()
    )


def notification_of(message: Message) -> wording.Notification:
    return wording.read(encryption.unseal(message.sealed, message.place).reveal())


def test_a_follower_is_notified_of_a_notes_author_and_place(stage: Stage, seen: Seen) -> None:  # noqa: F811
    job = seen("entry")
    follow(stage, job, stage.alice, language="es")
    note = notes.write(stage.acme, job, stage.bob, SECRET, timezone.now())
    (message,) = Message.objects.all()
    assert (message.event, message.user) == ("note", stage.alice)
    assert notification_of(message).verdict == "bob ha escrito una nota"
    assert notification_of(message).link.endswith(f"/teams/acme/jobs/{job}/#note-{note.key}")
    assert SECRET not in notification_of(message).as_json()


def test_a_note_notifies_others_once_and_its_author_never(stage: Stage, seen: Seen) -> None:  # noqa: F811
    first, second = seen("entry"), seen("entry")
    for job in (first, second):
        claims.take(stage.acme, job, stage.bob, None, timezone.now())
        for person in (stage.alice, stage.bob):
            follow(stage, job, person)
    notes.write(stage.acme, first, stage.bob, SECRET, timezone.now())
    assert [message.user for message in Message.objects.all()] == [stage.alice]


def test_a_following_channel_is_notified_unless_it_ended(stage: Stage, seen: Seen, make: Make) -> None:  # noqa: F811
    job, channel, ended = seen("entry"), make(), make(ended_at=timezone.now())
    follow(stage, job, None, channel)
    follow(stage, job, None, ended)
    notes.write(stage.acme, job, stage.bob, SECRET, timezone.now())
    assert [message.channel for message in Message.objects.all()] == [channel]


def test_followers_of_another_event_hear_nothing(stage: Stage, seen: Seen) -> None:  # noqa: F811
    follow(stage, seen("other"), stage.alice)
    Follow.objects.update(ended_at=timezone.now())
    follow(stage, seen("another"), stage.alice)
    notes.write(stage.acme, seen("entry"), stage.bob, SECRET, timezone.now())
    claims.take(stage.acme, seen("entry"), stage.bob, None, timezone.now())
    assert not Message.objects.exists()


def test_a_note_is_kept_when_notifying_fails(stage: Stage, seen: Seen) -> None:  # noqa: F811
    def failing(**given: Any) -> None:
        Message.objects.create(team_id=0, about="x" * 10_000, event="note")

    change_signal.changed.connect(failing, weak=False)
    try:
        notes.write(stage.acme, seen(), stage.bob, SECRET, timezone.now())
    finally:
        change_signal.changed.disconnect(failing)
    assert Note.objects.count() == 1
