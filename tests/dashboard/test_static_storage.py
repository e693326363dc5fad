"""Static files of several versions in one folder: each version finds its own, and says so where they are missing."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from dashboard import static_storage
from dashboard.observability import health
from dashboard.static_storage import Storage


@pytest.fixture
def root(tmp_path: Path, settings: Any) -> Path:
    settings.STATIC_ROOT = tmp_path
    return tmp_path


def collected(monkeypatch: pytest.MonkeyPatch, version: str, names: dict[str, str]) -> Storage:
    """As `collectstatic` of that version leaves it."""
    storage = of_version(monkeypatch, version)
    storage.hashed_files = names
    storage.save_manifest()
    return storage


def of_version(monkeypatch: pytest.MonkeyPatch, version: str) -> Storage:
    monkeypatch.setattr(static_storage, "release", lambda: version)
    return Storage()


def test_versions_lie_side_by_side(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    collected(monkeypatch, "old", {"a.css": "a.1.css"})
    collected(monkeypatch, "new", {"a.css": "a.2.css"})
    assert of_version(monkeypatch, "old").stored_name("a.css") == "a.1.css"
    assert of_version(monkeypatch, "new").stored_name("a.css") == "a.2.css"


def test_another_versions_files_are_not_its_own(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert collected(monkeypatch, "old", {"a.css": "a.1.css"}).is_collected()
    assert not of_version(monkeypatch, "new").is_collected()


def test_files_that_went_meanwhile_are_noticed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = collected(monkeypatch, "old", {"a.css": "a.1.css"})
    (root / storage.manifest_name).unlink()
    assert not storage.is_collected()


def test_a_file_that_is_not_there_costs_its_style_and_not_the_page(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = collected(monkeypatch, "old", {"a.css": "a.1.css"})
    assert storage.url("b.css").endswith("/b.css")


def test_a_manifest_is_as_django_writes_it(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = collected(monkeypatch, "old", {"a.css": "a.1.css"})
    assert json.loads((root / storage.manifest_name).read_text())["paths"] == {"a.css": "a.1.css"}


@pytest.mark.django_db
def test_a_process_with_the_files_of_another_version_is_not_ready(
    root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    collected(monkeypatch, "old", {"a.css": "a.1.css"})
    monkeypatch.setattr(health, "staticfiles_storage", of_version(monkeypatch, "new"))
    assert Client().get("/readyz").status_code == 503
    assert "not ready: static files" in caplog.text


def test_the_name_follows_what_is_in_the_files() -> None:
    assert len(static_storage.release()) == 16
    assert static_storage.release() == static_storage.release.__wrapped__()
