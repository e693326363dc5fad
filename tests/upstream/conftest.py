"""Two teams with API keys, their own simulator, and its jobs in known states."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest

from jobs.encryption import Secret
from jobs.invopop.client import Client
from jobs.models import Team
from jobs.simulator.server import Simulator
from tests.conftest import Stage, give_token, set_stage
from tests.upstream.viewing import settle


@pytest.fixture
def simulator(settings: Any) -> Iterator[Simulator]:
    """A separate simulator, so that its requests can be counted."""
    with Simulator() as simulator:
        settings.INVOPOP_API_URL = simulator.url
        yield simulator


@pytest.fixture
def stage(transactional_db: None, simulator: Simulator) -> Iterator[Stage]:
    """Both teams have an API key. It ends when no request is running."""
    stage = set_stage()
    give_token(stage.acme, simulator)
    give_token(stage.elsewhere, simulator)
    yield stage
    settle()


@pytest.fixture
def team(stage: Stage) -> Team:
    return stage.acme


@pytest.fixture
def job_id(simulator: Simulator) -> UUID:
    """A job that has been running for a moment."""
    return UUID(simulator.start_job("es-stub"))


@pytest.fixture
def finished(simulator: Simulator) -> UUID:
    return story(simulator, lambda body: "completed_at" in body)


@pytest.fixture
def waiting(simulator: Simulator) -> UUID:
    return story(simulator, lambda body: body.get("status") == "QUEUED")


def story(simulator: Simulator, wanted: Callable[[dict[str, Any]], bool]) -> UUID:
    client = Client(simulator.url, Secret(simulator.tokens["es-live"]))
    for _, job_id, _ in simulator.demo_jobs():
        if wanted(json.loads(client.job(job_id))):
            simulator.requests.clear()
            return UUID(job_id)
    raise LookupError
