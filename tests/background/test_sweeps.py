"""Sweeps as a kind of work: one for each team with an active API key."""

from jobs.background import sweeps
from jobs.models import Token
from jobs.models.background import Work
from jobs.simulator import Simulator
from tests.conftest import Stage, give_token


def test_teams_with_an_active_key_are_swept(stage: Stage, simulator: Simulator) -> None:
    assert sweeps.teams() == []
    give_token(stage.acme, simulator)
    assert sweeps.teams() == [stage.acme]
    Token.objects.update(in_use=False)
    assert sweeps.teams() == []


def test_a_slice_returns_when_the_next_is_due(stage: Stage, simulator: Simulator, settings: object) -> None:
    settings.SWEEP_A_MINUTE = 0  # type: ignore[attr-defined]
    give_token(stage.acme, simulator)
    simulator.requests.clear()
    assert sweeps.run(Work(kind="sweep", team=stage.acme)) is not None
    assert simulator.requests.count("/transform/v1/jobs") == 0
