"""Teams with channels to local servers."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from jobs import clock
from jobs.encryption import Secret
from jobs.models import Channel
from jobs.notifications import channels
from tests.conftest import Stage
from tests.mail_server import send_to
from tests.notifications.receiver import Mailbox, Receiver, mail_server, receiving

Make = Callable[..., Channel]


@pytest.fixture(autouse=True)
def _this_machines_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Uses this machine's clock, because these tests change the time."""
    monkeypatch.setattr(clock, "now", timezone.now)


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    with receiving() as receiver:
        settings.CHANNEL_ORIGINS = [receiver.url]
        yield receiver


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        send_to(settings, mailbox.port)
        yield mailbox


@pytest.fixture
def make(stage: Stage, receiver: Receiver) -> Make:
    def made(kind: str = "chat", address: str = "", **more: Any) -> Channel:
        address = address or f"{receiver.url}/services/T0/B0/very-secret"
        channel = channels.make(stage.acme, kind, f"the {kind}", Secret(address), "en", stage.alice, timezone.now())
        Channel.objects.filter(pk=channel.pk).update(**more)
        return Channel.objects.get(pk=channel.pk)

    return made
