"""Channels, follows and messages: addresses are sealed for their row, and a message is taken by one at a time."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from jobs import encryption
from jobs.encryption import Secret
from jobs.models import Channel, Message, Team
from jobs.notifications import channels
from tests.conftest import Stage

NOW = timezone.now()
SECOND = timedelta(seconds=1)


def made(stage: Stage) -> Channel:
    address = Secret("https://chat.example.com/services/very-secret")
    return channels.make(stage.acme, "chat", "desk", address, "en", stage.alice, NOW)


def test_an_address_decrypts_only_in_its_own_row(stage: Stage) -> None:
    one, other = made(stage), made(stage)
    assert one.address().reveal().endswith("very-secret")
    assert one.address().reveal() not in repr(vars(one))
    one.sealed = other.sealed
    with pytest.raises(encryption.Unreadable):
        one.address()


def test_address_and_secret_decrypt_only_in_their_own_column() -> None:
    channels = [Channel(team=Team(pk=pk)) for pk in (1, 1, 2)]
    assert len({place for each in channels for place in (each.place, each.secret_place)}) == 6


def test_a_message_keeps_its_public_id_across_attempts() -> None:
    message = Message()
    assert message.public_id == f"msg_{message.key.hex}"
    assert message.public_id != Message().public_id


@pytest.mark.parametrize(
    ("due_at", "lease_until", "takeable"),
    [
        (NOW, None, True),
        (NOW + SECOND, None, False),
        (None, None, False),
        (NOW, NOW + SECOND, False),
        (NOW, NOW - SECOND, True),
    ],
    ids=["due", "not yet", "sent", "somebody is at it", "its lease ran out"],
)
def test_due_and_free_rows_can_be_taken(
    stage: Stage, due_at: datetime | None, lease_until: datetime | None, takeable: bool
) -> None:
    channel = made(stage)
    Message.objects.create(
        team=channel.team, channel=channel, event="test", made_at=NOW, due_at=due_at, lease_until=lease_until
    )
    assert Message.objects.filter(Message.takeable(NOW)).exists() is takeable
