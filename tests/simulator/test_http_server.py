"""HTTP on sockets: connections stay open, and are closed for errors."""

import threading

import pytest
import requests

from jobs.simulator import Simulator
from tests.simulator.asking import JOBS, ask, job_of, shown


def test_connections_are_kept_alive_and_only_get_is_answered(simulator: Simulator) -> None:
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {simulator.tokens['es-live']}"
        assert session.get(f"{simulator.url}{JOBS}", timeout=5).status_code == 200
        assert session.put(f"{simulator.url}{JOBS}/x", json={"a": 1}, timeout=5).status_code == 405
        assert session.head(f"{simulator.url}{JOBS}", timeout=5).content == b""
        assert session.get(f"{simulator.url}/utils/v1/ping", timeout=5).json() == {"ping": "pong"}
        pools = session.get_adapter(simulator.url).poolmanager.pools  # type: ignore[attr-defined]
        assert pools[next(iter(pools.keys()))].num_connections == 1


def test_it_can_drop_the_connection_or_stay_silent(simulator: Simulator) -> None:
    simulator.misbehave(JOBS, "reset", times=1)
    with pytest.raises(requests.ConnectionError):
        ask(simulator, JOBS)
    simulator.misbehave(JOBS, "hang")
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{simulator.url}{JOBS}", timeout=(1, 0.1))
    simulator.misbehave(JOBS, None)
    assert ask(simulator, JOBS).status_code == 200
    with pytest.raises(ValueError, match="no such behaviour"):
        simulator.misbehave(JOBS, "dance")


def test_it_serves_many_clients_concurrently(simulator: Simulator) -> None:
    own, found = job_of("es-accepted"), []
    threads = [threading.Thread(target=lambda: found.append(shown(simulator, own)["id"])) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [own] * 24
