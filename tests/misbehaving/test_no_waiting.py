"""Pages that have something to show do not wait for the API."""

import pytest
from django.test import Client
from django.utils import timezone

from jobs.simulator.server import Simulator
from tests.conftest import Stage, give_token
from tests.failures.records import UNKNOWN, made
from tests.security.addresses import every_address

TEAM = "/teams/acme/"
LISTS = {f"{TEAM}jobs/", f"{TEAM}jobs.json", f"{TEAM}jobs.csv"}  # what the API lists
PAGES = [each for each in every_address() if each.startswith(TEAM) and each not in LISTS and "/jobs/" not in each]


@pytest.mark.parametrize("page", PAGES)
def test_the_page_sends_no_request(stage: Stage, as_alice: Client, simulator: Simulator, page: str) -> None:
    """Not even for the name of a workflow that is not known yet."""
    give_token(stage.acme, simulator)
    made(stage.acme, timezone.now(), workflow_id="w3", workflow_name="", **UNKNOWN)
    simulator.requests.clear()
    as_alice.get(page)
    assert simulator.requests.all() == []
