"""An API key pasted into the look-up box goes nowhere, and the person is warned."""

import logging
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from jobs.simulator.server import Simulator
from tests.conftest import Stage, give_token
from tests.teams.test_access import JOB

HEAD = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9"
KEY = f"{HEAD}.eyJpc3MiOiJpbnZlbnRlZCJ9.c2lnbmVkLWJ5LW5vYm9keS1hdC1hbGw"
PASTED = [
    KEY,
    f"Bearer {KEY}",
    f"Authorization: Bearer {KEY}",
    f"authorization:bearer {KEY.upper()}",
    "Bearer live_7Qf9ZkT2uXw8LmPzR4",
    HEAD,
    KEY[:30] + "\n" + KEY[30:],
    quote(f"Bearer {KEY}"),
    f"https://api.invopop.com/transform/v1/jobs/key/{KEY}",
    "hook_7Qf9ZkT2uXw8LmPzR4aaaaaaaaaa",
    "read_7Qf9ZkT2uXw8LmPzR4aaaaaaaaaa",
]


@pytest.mark.parametrize("pasted", PASTED)
@pytest.mark.parametrize("address", ["/teams/acme/", "/", f"/teams/acme/jobs/{JOB}/envelope/compare/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_pasted_key_is_stored_nowhere(
    as_bob: Client, stage: Stage, simulator: Simulator, caplog: Any, pasted: str, address: str, method: str
) -> None:
    if method == "post" and "compare" in address:
        pytest.skip("takes no form")
    caplog.set_level(logging.DEBUG)
    give_token(stage.acme, simulator)
    simulator.requests.clear()
    answer = getattr(as_bob, method)(address, {"with" if "compare" in address else "q": pasted})
    assert answer.status_code == 302
    page = as_bob.get(answer.headers["Location"], follow=True)
    assert "What you pasted holds an API key." in page.content.decode()
    said = str(answer.headers) + page.content.decode() + caplog.text + str(simulator.requests.all())
    for piece in (KEY[:30], KEY[40:60], "7Qf9ZkT2uXw8LmPzR4"):
        assert piece.lower() not in said.lower()


def test_a_job_pasted_beside_a_key_is_found(as_bob: Client, stage: Stage, simulator: Simulator) -> None:
    give_token(stage.acme, simulator)
    job = simulator.start_job("es-accepted", speed=1e8)
    pasted = f"curl -H 'Authorization: Bearer {KEY}' https://api.invopop.com/transform/v1/jobs/{job}"
    answer = as_bob.post("/teams/acme/", {"q": pasted}, follow=True)
    assert answer.redirect_chain[-1][0] == f"/teams/acme/jobs/{job}/"
    assert KEY not in str(answer.redirect_chain)
