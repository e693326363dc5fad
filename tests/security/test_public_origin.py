"""Links in mails and messages use PUBLIC_ORIGIN, whatever host and port a browser requested."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from tests.conftest import PASSWORD, Stage

ORIGIN = "https://jobs.example.com:8443"
FORGED = {"Host": "testserver:6666"}
LINK = re.compile(r"https?://[^\s\"<>)]+")


@pytest.fixture(autouse=True)
def _installation(settings: Any) -> None:
    settings.PUBLIC_ORIGIN = ORIGIN
    settings.ROOT_URLCONF = "tests.security.with_mail"


def links(text: str) -> set[str]:
    """The origins of all links in a text."""
    return {"/".join(link.split("/")[:3]) for link in LINK.findall(text)}


def assert_sound(message: Any) -> None:
    assert "6666" not in message.subject + message.body
    assert "testserver" not in message.subject + message.body
    assert links(message.body) <= {ORIGIN}


@pytest.mark.parametrize("name", ["bob", "nobody"])
def test_a_reset_link_has_the_public_origin(stage: Stage, client: Client, name: str) -> None:
    client.post("/accounts/password/reset/", {"email": f"{name}@example.com"}, headers=FORGED)
    (message,) = mail.outbox
    assert_sound(message)
    assert message.subject.startswith("[jobs.example.com:8443]")
    assert links(message.body) == {ORIGIN}


def test_a_verification_link_has_the_public_origin(stage: Stage, client: Client) -> None:
    client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/email/", {"action_add": "", "email": "new@example.com"}, headers=FORGED)
    message = mail.outbox[-1]
    assert_sound(message)
    found = re.search(rf"{ORIGIN}(/accounts/confirm-email/\S+)", message.body)
    assert found
    client.post(found[1])
    assert EmailAddress.objects.get(email="new@example.com").verified


def test_invitation_and_webhook_addresses_have_the_public_origin(as_alice: Client) -> None:
    form = {"email": "dora@example.com", "role": "viewer"}
    invited = as_alice.post("/teams/acme/settings/invite/", form, headers=FORGED).content.decode()
    assert f"{ORIGIN}/invitations/" in invited
    settings = as_alice.post("/teams/acme/settings/webhook/", headers=FORGED).content.decode()
    assert f"{ORIGIN}/hooks/acme/" in settings
    assert "6666" not in invited + settings
