"""Which jobs exist, by the clock."""

import hashlib
from datetime import timedelta

import requests

from jobs.simulator import Simulator
from jobs.simulator.offsets import instant
from tests.simulator.asking import BEGUN, JOBS, Clock, ask, shown


def test_a_live_job_moves_with_the_clock_and_ends(simulator: Simulator, clock: Clock) -> None:
    own = simulator.demo_jobs()[0][1]
    assert shown(simulator, own)["status"] == "NA"
    clock.forward(20)
    middle = shown(simulator, own)
    assert "completed_at" not in middle
    clock.forward(30)
    assert timedelta(seconds=30) < instant(shown(simulator, own)["completed_at"]) - BEGUN < timedelta(seconds=45)


def test_a_job_can_be_started_on_request(simulator: Simulator, clock: Clock) -> None:
    first, second = simulator.start_job("es-accepted"), simulator.start_job("es-accepted", speed=2, workspace="it-live")
    assert shown(simulator, first)["created_at"] == "2026-11-02T09:00:00.123Z"
    assert "intents" not in shown(simulator, first)
    clock.forward(2.5)
    assert "completed_at" not in shown(simulator, first)
    assert "completed_at" in shown(simulator, second, "it-live")
    assert ask(simulator, JOBS).json()["list"][0]["id"] == first


def test_yesterdays_live_jobs_are_still_available_after_a_restart(simulator: Simulator, clock: Clock) -> None:
    own = simulator.demo_jobs()[0][1]
    before = shown(simulator, own)
    clock.forward(86_400)
    with Simulator(clock=clock) as again:
        assert own not in {job for _workspace, job, _what in again.demo_jobs()}
        after = shown(again, own)
        assert (after["id"], after["created_at"]) == (before["id"], before["created_at"])
        file = after["attachments"][0]
        assert hashlib.sha256(requests.get(file["url"], timeout=5).content).hexdigest() == file["hash"]
