"""Each kind of work has a function, a lease longer than it takes, and the teams that need it."""

import pytest
from django.utils import timezone

from jobs.background.work_kinds import KINDS, purge, without_team
from jobs.models.background import Work
from jobs.simulator import Simulator
from tests.conftest import Stage, give_token


@pytest.mark.parametrize("name", KINDS)
def test_no_lease_is_longer_than_an_hour(name: str) -> None:
    """Which is what `Work.takeable` takes for the writing of another clock."""
    assert 0 < KINDS[name].lease.total_seconds() < 3600


def test_kinds_run_once_globally_or_once_per_team_with_a_key(stage: Stage, simulator: Simulator) -> None:
    give_token(stage.acme, simulator)
    assert without_team() == [None]
    assert KINDS["sweep"].wanted() == [stage.acme]


def test_purge_runs_every_hour(stage: Stage) -> None:
    again = purge(Work(kind="purge"))
    assert 3500 < (again - timezone.now()).total_seconds() < 3700
