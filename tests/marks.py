"""Marks for tests that `make test FAST=1` skips: `browser`, `processes`, `slow`. Loaded by conftest.py."""

import sys
from collections.abc import Generator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FOLDERS = (HERE / "processes",)  # all of these start processes
MARKS = ("browser", "processes", "slow")

_may_start_processes = True  # outside of tests


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests of these folders; other tests that start processes have their own marks."""
    for item in items:
        if any(map(item.path.is_relative_to, FOLDERS)):
            item.add_marker("processes")


def pytest_configure() -> None:
    sys.addaudithook(_refuse_processes)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """A test that starts a process without a mark fails in every run, not only when somebody next runs FAST=1."""
    global _may_start_processes
    _may_start_processes = any(map(item.get_closest_marker, MARKS))
    try:
        return (yield)
    finally:
        _may_start_processes = True


def _refuse_processes(event: str, arguments: tuple[object, ...]) -> None:
    if event == "subprocess.Popen" and not _may_start_processes:
        raise RuntimeError(f"a test that starts processes needs @pytest.mark.processes: {arguments[0]!r}")
