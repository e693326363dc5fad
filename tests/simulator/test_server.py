"""The whole simulator: it records requests, and frees its resources when it stops."""

import pytest
import requests

from jobs.simulator import Simulator
from tests.simulator.asking import BEGUN, JOBS, job_of, shown


def test_it_records_requests_without_tokens(simulator: Simulator) -> None:
    own = job_of("es-accepted")
    shown(simulator, own)
    shown(simulator, own)
    assert simulator.requests.count(own) == simulator.requests.count(f"{JOBS}/{own}") == simulator.requests.count() == 2
    asked = simulator.requests.all()[0]
    assert (asked.method, asked.workspace, asked.at) == ("GET", "es-live", BEGUN)
    assert not any(token in repr(asked) for token in simulator.tokens.values())


def test_stopping_frees_the_port_and_closes_connections() -> None:
    simulator = Simulator().start()
    with requests.Session() as session:
        session.get(f"{simulator.url}/utils/v1/ping", timeout=5)
        simulator.stop()
        with pytest.raises(requests.ConnectionError):
            session.get(f"{simulator.url}/utils/v1/ping", timeout=5)
    with Simulator(port=simulator.port) as again:
        assert requests.get(f"{again.url}/utils/v1/ping", timeout=5).status_code == 200
