"""docs/architecture.md lists all packages and existing modules; its diagram shows the contract's layers."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/architecture.md").read_text()
TABLE = dict(re.findall(r"^\| `([a-z_/]+)` \| (.+) \|$", PAGE, re.MULTILINE))
ROWS = PAGE.partition("```")[2].partition("```")[0]
# Django looks for these by name; they hold no choice of ours.
GIVEN = {"jobs", "jobs/migrations", "jobs/management/commands"}


def packages() -> set[str]:
    found = [path.parent for name in ("dashboard", "jobs") for path in (ROOT / name).rglob("__init__.py")]
    return {path.relative_to(ROOT).as_posix() for path in found} - GIVEN


def layers() -> list[list[str]]:
    """The import contract's layers of `jobs`, top to bottom, without the simulator, which stands beside them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    lines = next(contract["layers"] for contract in contracts if contract.get("containers") == ["jobs"])
    named = [re.findall(r"\w+", line) for line in lines]
    return [names for names in named if names != ["simulator"]]


def test_packages_and_table_rows_match() -> None:
    assert set(TABLE) == packages()


@pytest.mark.parametrize("package", TABLE)
def test_a_row_names_modules_of_its_package(package: str) -> None:
    folder = ROOT / package
    named = set(re.findall(r"`([a-z_]+)`", TABLE[package]))
    known = {path.stem for path in folder.rglob("*.py")} | {path.name for path in folder.iterdir() if path.is_dir()}
    assert named - known == set()


def test_all_single_modules_are_named_and_exist() -> None:
    beside = PAGE.partition("Single modules beside them:")[2].partition("\n##")[0]
    named = set(re.findall(r"`(jobs/\w+\.py)`", beside))
    assert named == {f"jobs/{path.name}" for path in (ROOT / "jobs").glob("*.py")} - {
        "jobs/__init__.py",
        "jobs/apps.py",
    }


def test_the_described_request_goes_through_existing_modules() -> None:
    look = PAGE.partition("## One look at a job")[2].partition("\n## ")[0]
    named = re.findall(r"`([a-z]+\.[a-z_]+)`", look)
    assert len(named) >= 8
    assert [name for name in named if not (ROOT / "jobs" / (name.replace(".", "/") + ".py")).exists()] == []


def test_the_drawing_shows_the_layers_in_order() -> None:
    lines = ROWS.splitlines()
    places = [min(at for at, line in enumerate(lines) if re.search(rf"(?<![\w.]){'(jobs[.])?'}{layer[0]}\b", line))
              for layer in layers()]  # fmt: skip
    assert all(above < below for above, below in pairwise(places))
    for place, layer in zip(places, layers(), strict=True):
        assert [name for name in layer if name not in lines[place]] == []
