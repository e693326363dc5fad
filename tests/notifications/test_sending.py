"""An attempt to send a message: its result, as fixed phrases."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from jobs.models import Membership, Message
from jobs.notifications import sending, wording
from jobs.notifications.sending import DROPPED, FAILED, GONE, SENT, Outcome
from tests.conftest import Stage
from tests.mail_server import send_to
from tests.notifications.conftest import Make
from tests.notifications.receiver import Mailbox, Receiver

NOW = timezone.now()


def notification(stage: Stage) -> wording.Notification:
    return wording.test(stage.acme, "en", NOW)


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [
        ("200", Outcome(SENT)),
        ("204", Outcome(SENT)),
        ("410", Outcome(GONE, "http 410")),
        ("500", Outcome(FAILED, "http 500")),
        ("redirect", Outcome(FAILED, "redirected")),
        ("later", Outcome(FAILED, "http 429", 120)),
        ("reset", Outcome(FAILED, "connection broken")),
    ],
)
def test_the_receivers_response_maps_to_one_word(
    stage: Stage, make: Make, receiver: Receiver, behaviour: str, outcome: Outcome
) -> None:
    receiver.behaviour = behaviour
    message = Message(team=stage.acme, channel=make("webhook"))
    assert sending.send(message, notification(stage), NOW) == outcome


def test_nothing_is_sent_to_an_ended_channel(stage: Stage, make: Make, receiver: Receiver) -> None:
    channel = make(ended_at=NOW)
    assert sending.send(Message(team=stage.acme, channel=channel), notification(stage), NOW).what == DROPPED
    assert receiver.received == []


def test_a_person_gets_mail_at_their_verified_address(stage: Stage, mailbox: Mailbox) -> None:
    EmailAddress.objects.create(user=stage.bob, email="claimed@example.com", verified=False)
    EmailAddress.objects.create(user=stage.bob, email="bob@example.com", verified=True, primary=True)
    assert sending.verified_address(stage.bob) == "bob@example.com"
    assert sending.can_mail(stage.bob)
    assert sending.send(Message(team=stage.acme, user=stage.bob), notification(stage), NOW) == Outcome(SENT)


@pytest.mark.parametrize("why", ["no such person", "no member any more", "no verified address", "no mail server"])
def test_a_person_no_longer_entitled_gets_nothing(stage: Stage, mailbox: Mailbox, settings: Any, why: str) -> None:
    if why != "no verified address":
        EmailAddress.objects.create(user=stage.bob, email="bob@example.com", verified=True, primary=True)
    if why == "no such person":
        stage.bob.is_active = False
    if why == "no member any more":
        Membership.objects.filter(user=stage.bob).delete()
    if why == "no mail server":
        settings.MAIL = {}
    assert sending.send(Message(team=stage.acme, user=stage.bob), notification(stage), NOW) == Outcome(DROPPED, why)


def test_an_unreachable_mail_server_is_a_connection_error(stage: Stage, settings: Any) -> None:
    EmailAddress.objects.create(user=stage.bob, email="bob@example.com", verified=True, primary=True)
    send_to(settings, port=9)
    found = sending.send(Message(team=stage.acme, user=stage.bob), notification(stage), NOW)
    assert found == Outcome(FAILED, "no connection")
