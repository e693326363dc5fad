"""Invitation links: single use, valid for a week, while the sender manages the team."""

import re
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from jobs.models import Invitation, Membership
from jobs.teams import invitations
from tests.conftest import Stage

INVITE = "/teams/acme/settings/invite/"
GOOD = {"username": "dora", "password1": "a long and unusual sentence", "password2": "a long and unusual sentence"}


@pytest.fixture
def link(as_alice: Client) -> str:
    page = as_alice.post(INVITE, {"email": "dora@example.com", "role": "viewer"}).content.decode()
    found = re.search(r"http://testserver(/invitations/[\w-]+/)", page)
    assert found
    return found[1]


def role_of(name: str) -> str:
    return Membership.objects.get(user__username=name, team__slug="acme").role


def test_a_new_person_creates_an_account_and_is_a_member(link: str) -> None:
    dora = Client()
    assert b"You are invited to Acme" in dora.get(link).content
    assert dora.post(link, GOOD).headers["Location"] == "/teams/acme/"
    assert dora.get("/teams/acme/").status_code == 200
    assert role_of("dora") == "viewer"
    assert User.objects.get(username="dora").email == "dora@example.com"


def test_the_form_requests_no_name_it_refuses(link: str) -> None:
    assert "letters, digits and . + - _ only" in Client().get(link).content.decode()
    assert b"cannot contain @" in Client().post(link, GOOD | {"username": "cfo@example.com"}).content


def test_a_signed_in_person_joins_by_click_and_not_by_viewing(link: str, stage: Stage) -> None:
    charlie = Client()
    charlie.force_login(stage.charlie)
    charlie.get(link)
    assert charlie.get("/teams/acme/").status_code == 404
    charlie.post(link)
    assert charlie.get("/teams/acme/").status_code == 200


def test_it_works_once(link: str) -> None:
    Client().post(link, GOOD)
    assert Client().get(link).status_code == 404
    assert Client().post(link, GOOD | {"username": "eve"}).status_code == 404
    assert not User.objects.filter(username="eve").exists()


def test_an_invitation_never_reduces_rights(as_alice: Client, stage: Stage, link: str) -> None:
    as_alice.post(link)
    assert role_of("alice") == "manager"


@pytest.mark.parametrize("what", ["expired", "withdrawn", "its author no longer manages", "its author is disabled"])
def test_an_ended_invitation_is_404(link: str, as_alice: Client, stage: Stage, what: str) -> None:
    if what == "expired":
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    if what == "withdrawn":
        as_alice.post(INVITE, {"withdraw": str(Invitation.objects.get().pk), "confirmed": "yes"})
    if what == "its author no longer manages":
        Membership.objects.filter(user=stage.bob).update(role="manager")
        Membership.objects.filter(user=stage.alice).update(role="viewer")
    if what == "its author is disabled":
        User.objects.filter(pk=stage.alice.pk).update(is_active=False)
    assert Client().get(link).status_code == 404


def test_a_link_that_is_over_says_so_and_what_to_do(link: str, as_alice: Client) -> None:
    Client().post(link, GOOD)
    used, never_made = Client().get(link), as_alice.get("/invitations/invite_nothing/")
    for page in (used, never_made):
        assert b"This invitation no longer works" in page.content
        assert b"Ask the person who sent it for a new link" in page.content
    assert used.content == never_made.content  # nobody learns which links once worked


def test_withdrawing_is_confirmed(link: str, as_alice: Client) -> None:
    withdrawn = {"withdraw": str(Invitation.objects.get().pk), "confirmed": "yes"}
    assert b"The invitation is withdrawn" in as_alice.post(INVITE, withdrawn, follow=True).content


@pytest.mark.parametrize("password", ["short", "password1234", "dora-dora-dora"])
def test_a_weak_password_is_refused_with_an_explanation(link: str, password: str) -> None:
    page = Client().post(link, {"username": "dora-dora-dora", "password1": password, "password2": password})
    assert page.status_code == 200
    assert b'role="alert"' in page.content
    assert not User.objects.filter(username="dora-dora-dora").exists()


def test_the_link_is_stored_nowhere(link: str, as_alice: Client, caplog: Any) -> None:
    secret = link.split("/")[2]
    assert not Invitation.objects.filter(digest=secret).exists()
    assert secret not in as_alice.get("/teams/acme/settings/").content.decode()
    assert secret not in as_alice.get("/teams/acme/settings/audit/").content.decode()


def test_with_sso_only_it_creates_no_password(link: str, stage: Stage, settings: Any) -> None:
    settings.SOCIALACCOUNT_ONLY = True
    dora = Client()
    assert b"password1" not in dora.get(link).content
    dora.post(link, GOOD)
    assert not User.objects.filter(username="dora").exists()
    assert Invitation.objects.exists()


def test_concurrent_use_of_one_link_creates_one_account(link: str, stage: Stage) -> None:
    invitation = Invitation.objects.get()
    with patch.object(invitations, "find", return_value=invitation):  # both found it before either had used it
        answers = [Client().post(link, GOOD | {"username": name}) for name in ("dora", "eve")]
    assert [answer.status_code for answer in answers] == [302, 404]
    assert not User.objects.filter(username="eve").exists()


def test_nobody_signs_up_without_one(stage: Stage, client: Client) -> None:
    page = client.get("/accounts/signup/").content.decode()
    assert "password1" not in page
    client.post("/accounts/signup/", GOOD | {"email": "dora@example.com"})
    assert not User.objects.filter(username="dora").exists()


def test_a_viewer_cannot_invite(as_bob: Client) -> None:
    assert as_bob.post(INVITE, {"email": "dora@example.com", "role": "manager"}).status_code == 404
    assert not Invitation.objects.exists()


def test_a_mistyped_address_is_reported_beside_its_field(as_alice: Client) -> None:
    page = as_alice.post(INVITE, {"email": "dora", "role": "viewer"}).content.decode()
    assert 'role="alert"' in page
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("key", ["9223372036854775808", "1" * 5000, "٣", "²", "-1", ""])
def test_an_unknown_invitation_cannot_be_withdrawn(as_alice: Client, link: str, key: str) -> None:
    assert as_alice.post(INVITE, {"withdraw": key}).status_code == 302
    assert Invitation.objects.exists()
