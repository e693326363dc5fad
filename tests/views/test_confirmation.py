"""Irreversible actions need a second step that states the consequence."""

import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from jobs.models import AccessToken, Invitation, Membership, Token
from jobs.simulator.server import Simulator
from jobs.teams import access_tokens, invitations, webhook_secrets
from tests.conftest import Stage, give_token

pytestmark = pytest.mark.django_db
SETTINGS = "/teams/acme/settings/"


def second_form(page: str) -> dict[str, str]:
    """What the page's own form sends, button included."""
    form = re.search(r'id="confirm".*?</form>', page, re.DOTALL)
    assert form is not None
    fields = re.findall(r'<(?:input|button)[^>]* name="([^"]+)" value="([^"]*)"', form.group())
    return {unescape(name): unescape(value) for name, value in fields if name != "csrfmiddlewaretoken"}


def confirmed(client: Client, address: str, first: dict[str, str], consequence: str, about: str) -> None:
    answer = client.post(address, first)
    page = unescape(answer.content.decode())
    assert answer.status_code == 200
    assert consequence in page
    assert about in page
    sent = second_form(page)
    assert sent == {**first, "confirmed": "yes"}
    assert client.post(address, sent).status_code == 302


def test_a_key_is_removed_in_two_steps(stage: Stage, as_alice: Client, simulator: Simulator) -> None:
    give_token(stage.acme, simulator)
    as_alice.post(SETTINGS + "token/", {"revoke": "1"})
    assert Token.objects.filter(in_use=True).exists()
    confirmed(as_alice, SETTINGS + "token/", {"revoke": "1"}, "Nobody in this team can look up jobs", "Stop using")
    assert not Token.objects.filter(in_use=True).exists()


def test_a_member_is_removed_in_two_steps(stage: Stage, as_alice: Client) -> None:
    first = {"remove": str(stage.bob.pk)}
    as_alice.post(SETTINGS + "members/", first)
    assert Membership.objects.filter(team=stage.acme, user=stage.bob).exists()
    confirmed(as_alice, SETTINGS + "members/", first, "They lose access to this team", stage.bob.username)
    assert not Membership.objects.filter(team=stage.acme, user=stage.bob).exists()


def test_removing_oneself_is_warned_of(stage: Stage, as_alice: Client) -> None:
    page = as_alice.post(SETTINGS + "members/", {"remove": str(stage.alice.pk)}).content.decode()
    assert "This is you" in page


def test_an_invitation_is_listed_and_withdrawn_in_two_steps(stage: Stage, as_alice: Client) -> None:
    invitations.invite(stage.acme, "new@example.com", "viewer", stage.alice, timezone.now())
    assert "new@example.com" in as_alice.get(SETTINGS).content.decode()
    first = {"withdraw": str(Invitation.objects.get().pk)}
    as_alice.post(SETTINGS + "invite/", first)
    assert Invitation.objects.exists()
    confirmed(as_alice, SETTINGS + "invite/", first, "Its link stops working at once", "new@example.com")
    assert not Invitation.objects.exists()


def test_webhooks_are_disabled_in_two_steps(stage: Stage, as_alice: Client) -> None:
    webhook_secrets.make(stage.acme, stage.alice, timezone.now())
    confirmed(as_alice, SETTINGS + "webhook/", {"remove": "1"}, "are answered with 401", "Stop accepting webhooks")


def test_an_access_token_is_revoked_in_two_steps(stage: Stage, as_alice: Client) -> None:
    access_tokens.make(stage.acme, "nightly", 30, stage.alice, timezone.now())
    first = {"revoke": str(AccessToken.objects.get().pk)}
    confirmed(as_alice, SETTINGS + "access-tokens/", first, "Scripts that use it get 401", "nightly")
    assert AccessToken.objects.get().revoked_at is not None


def test_a_missing_object_needs_no_confirmation(stage: Stage, as_alice: Client) -> None:
    assert as_alice.post(SETTINGS + "members/", {"remove": str(stage.charlie.pk)}).status_code == 302
    assert as_alice.post(SETTINGS + "invite/", {"withdraw": "77"}).status_code == 302


def test_a_role_is_changed_in_its_row(stage: Stage, as_alice: Client) -> None:
    page = as_alice.get(SETTINGS).content.decode()
    assert 'aria-label="Role of bob"' in page
    as_alice.post(SETTINGS + "members/", {"person": "bob", "role": "manager"})
    assert Membership.objects.get(team=stage.acme, user=stage.bob).role == "manager"
