"""Statements in the documents are true of the code."""

import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from jobs.presenters import openapi
from jobs.upstream.first_response import LONGEST_WAIT

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ("create_team", "set_token", "check_token", "rotate_tokens", "fetch_job", "purge", "simulator", "worker")


def test_the_readme_gives_a_reason_for_every_dependency() -> None:
    readme = (ROOT / "README.md").read_text()
    about = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [Requirement(requirement).name for requirement in about["dependencies"]]
    assert [name for name in wanted if f"| {name} |" not in readme] == []


def test_a_decision_states_how_long_a_page_waits_for_the_first_response() -> None:
    assert f" {LONGEST_WAIT} seconds" in (ROOT / "docs/decisions/stale-copies.md").read_text()


def test_the_page_for_scripts_lists_every_described_address() -> None:
    page = (ROOT / "docs/scripts.md").read_text()
    listed = set(re.findall(r"^\| `(/[^`]+)` \|", page, re.MULTILINE))
    described = openapi.document("https://jobs.example.com", "1.0")["paths"]
    assert listed == {path.replace("{team}", "<team>").replace("{job}", "<id>") for path in described}


def test_the_readmes_links_resolve() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / "README.md").read_text())
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_tests_named_in_security_md_exist() -> None:
    folder, missing = "", []
    for path in re.findall(
        r"`((?:tests/)?[\w/]*(?:test_\w+\.py|(?<=tests/)[\w/]+/))`", (ROOT / "SECURITY.md").read_text()
    ):
        folder = path.rpartition("/")[0] if "/" in path else folder  # a bare name is in the folder named before it
        missing += [path] if not (ROOT / folder / path.rpartition("/")[2]).exists() else []
    assert folder
    assert missing == []


@pytest.mark.parametrize("name", ["runtime", "test"])
def test_lock_files_hold_only_names_versions_and_hashes(name: str) -> None:
    lock = (ROOT / "requirements" / f"{name}.txt").read_text()
    assert "://" not in lock
    assert lock.count("--hash=sha256:") > lock.count("==") > 20


@pytest.mark.parametrize("name", ["runtime", "test"])
def test_lock_files_include_every_requested_extra(name: str) -> None:
    """Some versions of pip install nothing from a hashed list with `pyjwt` in it where `pyjwt[crypto]` is wanted."""
    lock = (ROOT / "requirements" / f"{name}.txt").read_text()
    listed = {plain(package): words(extras) for package, extras in LOCKED.findall(lock)}
    asked = [requirement for package, extras in listed.items() for requirement in requirements_of(package, extras)]
    assert asked
    assert [(package, extras) for package, extras in asked if not extras <= listed.get(package, extras)] == []


LOCKED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[([^]]+)\])?==", re.MULTILINE)


def requirements_of(package: str, extras: set[str]) -> list[tuple[str, set[str]]]:
    """The packages, each with extras, that an installed one asks for; also those only one of its own extras wants."""
    try:
        requirements = importlib.metadata.requires(package) or []
    except importlib.metadata.PackageNotFoundError:  # of another system
        return []
    found = []
    for requirement in requirements:
        said = re.match(r"([A-Za-z0-9._-]+)\s*\[([^]]+)\]", requirement)
        only_for = set(re.findall(r"""extra\s*==\s*['"]([^'"]+)['"]""", requirement))
        if said and (not only_for or only_for & extras):
            found.append((plain(said[1]), words(said[2])))
    return found


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def words(text: str) -> set[str]:
    return {word.strip() for word in text.split(",") if word.strip()}


@pytest.mark.processes
def test_make_lock_says_which_tool_is_missing(tmp_path: Path) -> None:
    for tool in ("sh", "make"):
        (tmp_path / tool).symlink_to(next(p for d in os.defpath.split(":") if (p := Path(d) / tool).exists()))
    done = subprocess.run(
        [str(tmp_path / "make"), "lock"], cwd=ROOT, capture_output=True, text=True, check=False,
        env={"PATH": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode != 0
    assert "make lock needs uv" in done.stderr


@pytest.mark.processes
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", command, "--help"], cwd=ROOT, capture_output=True, text=True, check=False,
        env={"DEBUG": "on", "PATH": ""},
    )  # fmt: skip
    assert done.returncode == 0
    assert "usage:" in done.stdout
