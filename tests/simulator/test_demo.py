"""The jobs of the demo."""

from datetime import datetime

import requests

from jobs.simulator import Simulator, demo_jobs
from tests.simulator.asking import shown


def test_the_demo_lists_jobs_with_a_sentence_each() -> None:
    begun = datetime.fromisoformat("2026-11-01T10:00:00+00:00")
    tour = demo_jobs(begun)
    assert 15 <= len(tour) <= 25
    assert len({own for _workspace, own, _what in tour}) == len(tour)
    assert all(what.endswith(".") and len(what) < 130 for _workspace, _own, what in tour)
    assert {workspace for workspace, _own, _what in tour} == {"es-live"}


def test_one_token_opens_the_whole_demo(simulator: Simulator) -> None:
    told = requests.get(f"{simulator.url}/_simulator/demo", timeout=5).json()["list"]
    assert [(row["workspace"], row["id"], row["what"]) for row in told] == simulator.demo_jobs()
    for workspace, own, _what in simulator.demo_jobs():
        assert shown(simulator, own, workspace)["id"] == own
