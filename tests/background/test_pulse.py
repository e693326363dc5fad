import os
import time
from pathlib import Path

import pytest

from jobs.background import pulse


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(pulse, "FILE", tmp_path / "worker")
    return tmp_path / "worker"


def test_it_is_felt_after_a_beat_and_for_two_minutes(file: Path) -> None:
    assert not pulse.is_felt()
    pulse.beat()
    assert pulse.is_felt()
    old = time.time() - pulse.FRESH_FOR
    os.utime(file, (old, old))
    assert not pulse.is_felt()
    pulse.beat()
    assert pulse.is_felt()


def test_a_folder_that_takes_nothing_stops_no_worker(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "FILE", file / "of a folder that is not there")
    pulse.beat()
    assert not pulse.is_felt()
