"""An invitation link makes a person a member once, within a week, while its sender manages the team."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from jobs.models import Invitation, Membership
from jobs.teams import invitations
from tests.conftest import Stage

NOW = timezone.now()


@pytest.fixture
def secret(stage: Stage) -> str:
    return invitations.invite(stage.acme, "zoe@example.com", "viewer", stage.alice, NOW).reveal()


def test_it_is_found_by_its_secret_and_stored_as_a_digest(stage: Stage, secret: str) -> None:
    found = invitations.find(secret, NOW)
    assert found is not None
    assert (found.team, found.email, found.role) == (stage.acme, "zoe@example.com", "viewer")
    assert secret not in repr(vars(found))
    assert invitations.find(secret + "x", NOW) is None
    assert invitations.find("\ud800", NOW) is None


def test_it_expires_after_a_week(secret: str) -> None:
    assert invitations.find(secret, NOW + timedelta(days=7, seconds=-1)) is not None
    assert invitations.find(secret, NOW + timedelta(days=7)) is None


def test_a_second_invitation_to_an_address_replaces_the_first(stage: Stage, secret: str) -> None:
    again = invitations.invite(stage.acme, "zoe@example.com", "manager", stage.alice, NOW).reveal()
    assert invitations.find(secret, NOW) is None
    found = invitations.find(again, NOW)
    assert found is not None
    assert found.role == "manager"
    assert Invitation.objects.count() == 1


def test_it_admits_one_person(stage: Stage, secret: str) -> None:
    found = invitations.find(secret, NOW)
    assert found is not None
    assert invitations.accept(found, stage.charlie)
    assert Membership.objects.get(team=stage.acme, user=stage.charlie).role == "viewer"
    assert not invitations.accept(found, User.objects.create_user("dora"))
    assert not Membership.objects.filter(user__username="dora").exists()


def test_an_existing_member_keeps_their_role(stage: Stage, secret: str) -> None:
    found = invitations.find(secret, NOW)
    assert found is not None
    assert invitations.accept(found, stage.alice)
    assert Membership.objects.get(team=stage.acme, user=stage.alice).role == "manager"


@pytest.mark.parametrize("change", [{"role": "viewer"}, {"team": "elsewhere"}])
def test_it_is_void_once_its_author_no_longer_manages_the_team(
    stage: Stage, secret: str, change: dict[str, object]
) -> None:
    new = {"team": stage.elsewhere} if "team" in change else change
    Membership.objects.filter(user=stage.alice).update(**new)
    assert invitations.find(secret, NOW) is None
