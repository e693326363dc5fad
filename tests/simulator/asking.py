"""Requests to a simulator with a manual clock."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from jobs.simulator import Simulator, scenarios

JOBS = "/transform/v1/jobs"
SHARED = Path(__file__).parents[2] / "../shared"
BEGUN = datetime(2026, 11, 2, 9, 0, 0, 123_000, tzinfo=UTC)
STORIES = {scenario.key: scenario for scenario in scenarios()}


class Clock:
    def __init__(self) -> None:
        self.now = BEGUN

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def ask(simulator: Simulator, path: str, workspace: str = "es-live", **query: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {simulator.tokens[workspace]}"}
    return requests.get(simulator.url + path, params=query, headers=headers, timeout=5)


def job_of(key: str, workspace: str = "") -> str:
    """The id of a fixed story's job."""
    return str(STORIES[key].job_id(STORIES[key].created, workspace))


def shown(simulator: Simulator, own: str, workspace: str = "es-live") -> dict[str, Any]:
    answer = ask(simulator, f"{JOBS}/{own}", workspace)
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told
