"""Marks for tests that `make test FAST=1` skips: `browser`, `processes`, `slow`. Loaded by conftest.py."""

import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FOLDERS = (HERE / "processes",)  # all of these start processes


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests of these folders; other tests that start processes have their own marks."""
    for item in items:
        if any(map(item.path.is_relative_to, FOLDERS)):
            item.add_marker("processes")


def pytest_configure(config: pytest.Config) -> None:
    """In a fast run, an unmarked test that starts a process fails."""
    if "not processes" in config.getoption("markexpr"):
        sys.addaudithook(_start_no_process)


def _start_no_process(event: str, arguments: tuple[object, ...]) -> None:
    if event == "subprocess.Popen" and "PYTEST_CURRENT_TEST" in os.environ:
        raise RuntimeError(f"a test that starts processes needs @pytest.mark.processes: {arguments[0]!r}")
