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
