"""A script that requests a job with an access token; channels to local servers."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from jobs.simulator.server import Simulator
from jobs.teams import access_tokens
from tests.conftest import Stage, give_token
from tests.notifications.conftest import mailbox, make, receiver  # noqa: F401 (fixtures)
from tests.security.test_answers import address_of


@pytest.fixture
def token(stage: Stage) -> str:
    return access_tokens.make(stage.acme, "monitor", 90, stage.alice, timezone.now()).reveal()


@pytest.fixture
def job(stage: Stage, simulator: Simulator) -> str:
    give_token(stage.acme, simulator)
    return str(UUID(simulator.demo_jobs()[5][1]))


@pytest.fixture
def ask(client: Client, token: str, job: str) -> Callable[..., Any]:
    def asked(name: str = "status", shown: str | None = token, **given: str) -> Any:
        headers = {} if shown is None else {"Authorization": f"Bearer {shown}"}
        return client.get(address_of(name, **{"job_id": job, **given}), headers=headers)

    return asked
