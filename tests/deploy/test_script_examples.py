"""The examples in docs/scripts.md work as written."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from django.utils import timezone

from jobs.simulator.server import Simulator
from jobs.teams import access_tokens
from tests.conftest import Stage, give_token

PAGE = (Path(__file__).resolve().parents[2] / "docs/scripts.md").read_text()
pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not shutil.which("jq") or not shutil.which("curl"), reason="needs curl and jq"),
]
Run = Callable[..., subprocess.CompletedProcess[str]]
ENDED = {"completed": "An invoice that went all the way", "failed": "Two faults, one cause"}


def example(language: str, beginning: str) -> str:
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    (found,) = [block for block in blocks if block.startswith(beginning)]
    return found


@pytest.fixture
def job(stage: Stage, simulator: Simulator) -> Callable[[str], str]:
    """The id of a job with that outcome."""
    give_token(stage.acme, simulator)
    return lambda how: next(key for _, key, about in simulator.demo_jobs() if about.startswith(ENDED[how]))


@pytest.fixture
def run(stage: Stage, live_server: Any, tmp_path: Path) -> Run:
    """Runs a command in the folder of wait.sh, with the variables of the page."""
    script = tmp_path / "wait.sh"
    script.write_text(example("sh", "#!"))
    script.chmod(0o755)
    token = access_tokens.make(stage.acme, "pipeline", 90, stage.alice, timezone.now()).reveal()
    given = {"PATH": os.environ["PATH"], "JOBS": live_server.url, "JOBS_TOKEN": token}

    def done(command: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-c", command], cwd=tmp_path, env=given | more, capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip

    return done


def test_the_curl_example_works(run: Run, job: Callable[[str], str]) -> None:
    variables, _, command = example("sh", "JOBS=").partition("\n\n")
    assert [line.partition("=")[0] for line in variables.splitlines()] == ["JOBS", "JOBS_TOKEN", "JOB"]
    answer = json.loads(run(command, JOB=job("completed")).stdout)
    assert answer["id"] == job("completed")


@pytest.mark.parametrize(("how", "status"), [("completed", 0), ("failed", 1)])
def test_the_pipeline_step_works(run: Run, job: Callable[[str], str], how: str, status: int) -> None:
    (step,) = yaml.safe_load(example("yaml", "- name"))
    assert step["env"].keys() == {"JOBS", "JOBS_TOKEN"}
    done = run(step["run"], JOB_ID=job(how))
    assert done.returncode == status, done.stderr
    assert "document: " in done.stdout


def test_the_pipeline_step_does_not_retry_when_refused(run: Run, job: Callable[[str], str]) -> None:
    assert run(f"./wait.sh {job('completed')}", JOBS_TOKEN="no token").returncode == 2
    assert run(f"./wait.sh {UUID(int=1)}").returncode == 2


def test_the_alert_uses_fields_of_the_response(run: Run, job: Callable[[str], str]) -> None:
    (scrape,) = yaml.safe_load(example("yaml", "scrape_configs"))["scrape_configs"]
    (target,) = scrape["params"]["target"]
    module = yaml.safe_load(example("yaml", "modules"))["modules"][scrape["params"]["module"][0]]
    (metric,) = module["metrics"]
    (group,) = yaml.safe_load(example("yaml", "groups"))["groups"]
    assert group["rules"][0]["expr"].startswith(metric["name"])
    member = re.fullmatch(r"\{ \.(\w+) \}", metric["path"])
    assert member is not None
    assert module["http_client_config"]["authorization"]["type"] == "Bearer"
    address = target.removeprefix("https://jobs.example.com")
    answer = json.loads(run(f'curl -sS --fail -H "Authorization: Bearer $JOBS_TOKEN" "$JOBS{address}"').stdout)
    assert answer[member[1]] == 0
