"""Explanations by id."""

from pathlib import Path
from typing import Any

from jobs.failures import catalogue


def test_each_entry_is_found_by_its_id() -> None:
    assert catalogue.by_id()["aeat-1109"].owner == "customer"
    assert "connection-timeout" in catalogue.about_connections()
    assert "aeat-1109" not in catalogue.about_connections()


def test_a_broken_operators_file_removes_nothing(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "own.json").write_text("{")
    settings.EXTRA_EXPLANATIONS = str(tmp_path / "own.json")
    assert "aeat-1109" in catalogue.by_id()
