"""A worker touches a file as it works, for health checks without a database."""

import os
import time
from pathlib import Path

import pytest

from jobs.background import alive_file


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(alive_file, "FILE", tmp_path / "worker")
    return tmp_path / "worker"


def test_pulse_is_fresh_for_two_minutes_after_a_beat(file: Path) -> None:
    assert not alive_file.is_fresh()
    alive_file.beat()
    assert alive_file.is_fresh()
    old = time.time() - alive_file.FRESH_FOR
    os.utime(file, (old, old))
    assert not alive_file.is_fresh()
    alive_file.beat()
    assert alive_file.is_fresh()


def test_an_unwritable_folder_does_not_stop_the_worker(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alive_file, "FILE", file / "of a folder that is not there")
    alive_file.beat()
    assert not alive_file.is_fresh()
