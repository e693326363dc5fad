"""Channels: accepted addresses, quiet hours, key rotation."""

from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ValidationError
from django.core.management import call_command

from jobs.models import Channel
from jobs.notifications import channels
from tests.notifications.conftest import Make


def test_only_the_host_is_shown(make: Make) -> None:
    channel = make()
    assert channel.host == "127.0.0.1"
    assert "very-secret" not in channel.sealed
    assert channel.address().reveal().endswith("very-secret")


def test_the_number_of_channels_is_limited(make: Make) -> None:
    for _ in range(channels.MOST):
        make()
    with pytest.raises(ValidationError):
        make()


@pytest.mark.parametrize(
    ("start", "end", "zone", "at", "until"),
    [
        (22, 7, "UTC", "2026-03-01T23:30", "2026-03-02T07:00"),
        (22, 7, "UTC", "2026-03-01T03:00", "2026-03-01T07:00"),
        (22, 7, "UTC", "2026-03-01T07:00", "2026-03-01T07:00"),
        (22, 7, "UTC", "2026-03-01T21:59", "2026-03-01T21:59"),
        (12, 14, "UTC", "2026-03-01T12:01", "2026-03-01T14:00"),
        (22, 7, "Europe/Madrid", "2026-07-01T21:00", "2026-07-02T05:00"),
        (None, 7, "UTC", "2026-03-01T03:00", "2026-03-01T03:00"),
        (7, 7, "UTC", "2026-03-01T07:30", "2026-03-01T07:30"),
        (22, 7, "Nowhere/At_all", "2026-03-01T03:00", "2026-03-01T07:00"),
    ],
)
def test_quiet_hours_delay_a_message(start: int | None, end: int, zone: str, at: str, until: str) -> None:
    channel = Channel(quiet_from=start, quiet_until=end, zone=zone)
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert channels.not_before(channel, moment) == datetime.fromisoformat(until).replace(tzinfo=UTC)


def test_rotation_reencrypts_channels(make: Make, settings: Any) -> None:
    from tests.notifications.test_outbox import outbox, write

    channel = make("webhook")
    secret = channel.secret().reveal()
    message = write(channel)
    settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.TOKEN_ENCRYPTION_KEYS]
    assert len(list(channels.under_old_keys())) == 3
    call_command("rotate_tokens")
    settings.TOKEN_ENCRYPTION_KEYS = settings.TOKEN_ENCRYPTION_KEYS[:1]
    channel.refresh_from_db()
    message.refresh_from_db()
    assert channel.secret().reveal() == secret
    assert outbox.content(message).verdict == "This is a test"
    assert list(channels.under_old_keys()) == []
