"""A simulator for each test, with its clock."""

from collections.abc import Iterator

import pytest

from jobs.simulator import Simulator
from tests.simulator.asking import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Iterator[Simulator]:
    with Simulator(clock=clock) as running:
        yield running
