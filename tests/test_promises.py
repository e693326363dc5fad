"""What the papers beside the code promise is true of the code."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.environment import VARIABLES

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = ("create_team", "set_token", "check_token", "rotate_tokens", "fetch_job", "purge", "simulator")


def test_the_example_of_an_environment_names_every_variable_and_no_other() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    named = dict(line.removeprefix("#").split("=", 1) for line in lines if re.match(r"#[A-Z_]+=", line))
    assert named == {variable.name: variable.default for variable in VARIABLES}


def test_the_readme_gives_a_reason_for_every_dependency() -> None:
    readme = (ROOT / "README.md").read_text()
    wanted = re.findall(r"^([a-z0-9-]+)", (ROOT / "requirements/runtime.in").read_text(), re.MULTILINE)
    assert [name for name in wanted if f"| {name} |" not in readme] == []


def test_the_readmes_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / "README.md").read_text())
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("name", ["runtime", "test"])
def test_the_locks_hold_names_versions_and_hashes_alone(name: str) -> None:
    lock = (ROOT / "requirements" / f"{name}.txt").read_text()
    assert "://" not in lock
    assert lock.count("--hash=sha256:") > lock.count("==") > 20


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", command, "--help"], cwd=ROOT, capture_output=True, text=True, check=False,
        env={"DEBUG": "on", "PATH": ""},
    )  # fmt: skip
    assert done.returncode == 0
    assert "usage:" in done.stdout
