"""Checking a team's API key."""

import pytest
from django.core.management import CommandError
from django.utils import timezone

from jobs.encryption import Secret
from jobs.models import Token
from jobs.simulator import Simulator
from jobs.teams import api_tokens
from tests.conftest import Stage, give_token
from tests.management.running import run


def test_it_prints_the_workspace(stage: Stage, simulator: Simulator) -> None:
    give_token(stage.acme, simulator)
    output = run("check_token", "acme")
    assert "Workspace" in output
    assert "live" in output
    assert simulator.tokens["es-live"] not in output


def test_a_refused_key_that_works_again_is_enabled(stage: Stage, simulator: Simulator) -> None:
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
def test_a_missing_and_an_undecryptable_key_are_distinguished(
    stage: Stage, simulator: Simulator, change: dict[str, object], said: str
) -> None:
    give_token(stage.acme, simulator)
    Token.objects.update(**change)
    with pytest.raises(CommandError, match=said):
        run("check_token", "acme")


def test_a_refused_key_is_not_printed(stage: Stage, simulator: Simulator) -> None:
    api_tokens.put_in_use(stage.acme, Secret("eyJ.wrong.token"), None)
    with pytest.raises(CommandError, match="did not accept") as refused:
        run("check_token", "acme")
    assert "eyJ" not in str(refused.value)
