"""Whose API key a team has."""

import pytest
from django.core.management import CommandError
from django.utils import timezone

from jobs.encryption import Secret
from jobs.models import Token
from jobs.simulator import Simulator
from jobs.teams import api_tokens
from tests.conftest import Stage, give_token
from tests.management.running import run


def test_check_token_tells_whose_it_is(stage: Stage, simulator: Simulator) -> None:
    give_token(stage.acme, simulator)
    said = run("check_token", "acme")
    assert "Workspace" in said
    assert "live" in said
    assert simulator.tokens["es-live"] not in said


def test_a_refused_key_that_works_again_is_used_again(stage: Stage, simulator: Simulator) -> None:
    give_token(stage.acme, simulator)
    Token.objects.update(refused_at=timezone.now())
    run("check_token", "acme")
    token = Token.objects.get()
    assert token.refused_at is None
    assert token.checked_at is not None


@pytest.mark.parametrize(
    ("change", "said"),
    [({"in_use": False}, "has no token"), ({"sealed": "1.0.lost"}, "cannot be opened")],
    ids=["none", "sealed with a lost key"],
)
def test_a_team_without_a_key_that_can_be_read_is_told_apart(
    stage: Stage, simulator: Simulator, change: dict[str, object], said: str
) -> None:
    give_token(stage.acme, simulator)
    Token.objects.update(**change)
    with pytest.raises(CommandError, match=said):
        run("check_token", "acme")


def test_a_key_that_the_api_refuses_is_not_printed(stage: Stage, simulator: Simulator) -> None:
    api_tokens.put_in_use(stage.acme, Secret("eyJ.wrong.token"), None)
    with pytest.raises(CommandError, match="did not accept") as refused:
        run("check_token", "acme")
    assert "eyJ" not in str(refused.value)
