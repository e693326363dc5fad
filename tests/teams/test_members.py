"""Membership: a team keeps a manager who can sign in."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import connection

from jobs.models import Membership, Team
from jobs.teams import members
from tests.conftest import Stage


def _demoted_apart(team: Team, user: User) -> None:
    try:
        members.join(Team.objects.get(pk=team.pk), user, "viewer")
    except members.LastManager:
        pass
    finally:
        connection.close()


def test_two_managers_demoting_each_other_concurrently_leave_one(stage: Stage) -> None:
    Membership.objects.filter(user=stage.bob).update(role="manager")
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda user: _demoted_apart(stage.acme, user), (stage.alice, stage.bob)))
    assert Membership.objects.filter(team=stage.acme, role="manager").count() == 1


def test_joining_again_changes_the_role(stage: Stage) -> None:
    members.join(stage.acme, stage.bob, "manager")
    assert Membership.objects.get(team=stage.acme, user=stage.bob).role == "manager"
    members.join(stage.acme, stage.bob, "viewer")
    assert Membership.objects.get(team=stage.acme, user=stage.bob).role == "viewer"


def test_removing_returns_the_member_or_none(stage: Stage) -> None:
    assert members.leave(stage.acme, stage.bob.pk) == "bob"
    assert members.leave(stage.acme, stage.bob.pk) == ""
    assert members.leave(stage.acme, stage.charlie.pk) == ""


def test_the_last_manager_who_can_sign_in_stays(stage: Stage) -> None:
    with pytest.raises(members.LastManager):
        members.leave(stage.acme, stage.alice.pk)
    with pytest.raises(members.LastManager):
        members.join(stage.acme, stage.alice, "viewer")
    assert Membership.objects.get(team=stage.acme, user=stage.alice).role == "manager"
    members.join(stage.acme, stage.bob, "manager")
    User.objects.filter(pk=stage.bob.pk).update(is_active=False)
    with pytest.raises(members.LastManager):
        members.leave(stage.acme, stage.alice.pk)


def test_a_team_left_with_only_viewers_needs_a_manager(stage: Stage) -> None:
    assert members.teams_that_need(stage.alice) == [stage.acme]
    assert members.teams_that_need(stage.bob) == []
    assert members.teams_that_need(stage.charlie) == []  # alone there: nobody would be left behind
    members.join(stage.acme, stage.bob, "manager")
    assert members.teams_that_need(stage.alice) == []


def test_active_members_belong_to_the_team_and_can_sign_in(stage: Stage) -> None:
    assert members.active(stage.acme) == [(stage.alice.pk, "alice"), (stage.bob.pk, "bob")]
    User.objects.filter(pk=stage.alice.pk).update(is_active=False)
    assert members.active(stage.acme) == [(stage.bob.pk, "bob")]
    assert members.active(stage.elsewhere) == [(stage.charlie.pk, "charlie")]
