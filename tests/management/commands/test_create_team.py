"""Creating a team."""

import pytest
from django.core.management import CommandError

from jobs.models import Membership, Team
from tests.conftest import Stage
from tests.management.running import run


def test_the_first_member_becomes_manager(stage: Stage) -> None:
    assert "/teams/north/" in run("create_team", "north", "--name", "North", "--member", "bob", "--member", "alice")
    roles = dict(Membership.objects.filter(team__slug="north").values_list("user__username", "role"))
    assert roles == {"bob": "manager", "alice": "viewer"}


def test_an_unknown_member_creates_nothing(stage: Stage) -> None:
    with pytest.raises(CommandError, match="no user 'zoe'"):
        run("create_team", "north", "--name", "North", "--member", "zoe")
    assert not Team.objects.filter(slug="north").exists()


def test_a_name_that_differs_only_in_capitals_is_refused(stage: Stage) -> None:
    with pytest.raises(CommandError, match="a team “acme” already"):
        run("create_team", "Acme", "--name", "Another")
    assert not Team.objects.filter(slug="Acme").exists()


def test_a_team_beside_one_like_it_can_still_be_completed(stage: Stage) -> None:
    Team.objects.create(slug="Acme", name="From before")
    run("create_team", "Acme", "--name", "Renamed")
    assert Team.objects.get(slug="Acme").name == "Renamed"
