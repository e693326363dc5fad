"""A missing team is reported with the command that creates it."""

import pytest
from django.core.management import CommandError

from jobs.management.teams import team_named, token_of
from jobs.simulator import Simulator
from tests.conftest import Stage, give_token


def test_a_team_is_found_by_its_slug(stage: Stage) -> None:
    assert team_named("acme") == stage.acme
    with pytest.raises(CommandError, match="create_team north --name"):
        team_named("north")


def test_the_error_names_the_command_that_sets_an_api_key(stage: Stage, simulator: Simulator) -> None:
    with pytest.raises(CommandError, match="set_token acme"):
        token_of(stage.acme)
    token = give_token(stage.acme, simulator)
    assert token_of(team_named("acme")) == token
