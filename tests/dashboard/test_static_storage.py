"""Static files of several versions in one folder: each version finds its own, and reports missing ones."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django_htmx.jinja import htmx_script

from dashboard import paths, static_storage
from dashboard.observability import health
from dashboard.static_storage import StaticFiles, Storage


@pytest.fixture
def root(tmp_path: Path, settings: Any) -> Path:
    settings.STATIC_ROOT = tmp_path
    return tmp_path


def collected(monkeypatch: pytest.MonkeyPatch, version: str, names: dict[str, str]) -> Storage:
    """Static files as collected by that version."""
    storage = of_version(monkeypatch, version)
    storage.hashed_files = names
    storage.save_manifest()
    return storage


def of_version(monkeypatch: pytest.MonkeyPatch, version: str) -> Storage:
    monkeypatch.setattr(static_storage, "release", lambda: version)
    return Storage()


def test_versions_are_stored_side_by_side(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    collected(monkeypatch, "old", {"a.css": "a.1.css"})
    collected(monkeypatch, "new", {"a.css": "a.2.css"})
    assert of_version(monkeypatch, "old").stored_name("a.css") == "a.1.css"
    assert of_version(monkeypatch, "new").stored_name("a.css") == "a.2.css"


def test_files_of_another_version_are_not_used(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert collected(monkeypatch, "old", {"a.css": "a.1.css"}).is_collected()
    assert not of_version(monkeypatch, "new").is_collected()


def test_files_deleted_meanwhile_are_detected(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = collected(monkeypatch, "old", {"a.css": "a.1.css"})
    (root / storage.manifest_name).unlink()
    assert not storage.is_collected()


def test_a_missing_file_costs_its_style_but_not_the_page(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = collected(monkeypatch, "old", {"a.css": "a.1.css"})
    assert storage.url("b.css").endswith("/b.css")


def test_the_manifest_has_djangos_format(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = collected(monkeypatch, "old", {"a.css": "a.1.css"})
    assert json.loads((root / storage.manifest_name).read_text())["paths"] == {"a.css": "a.1.css"}


@pytest.mark.django_db
def test_a_process_with_another_versions_files_is_not_ready(
    root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    collected(monkeypatch, "old", {"a.css": "a.1.css"})
    monkeypatch.setattr(health, "staticfiles_storage", of_version(monkeypatch, "new"))
    assert Client().get("/readyz").status_code == 503
    assert "not ready: static files" in caplog.text


def test_the_name_depends_on_the_content() -> None:
    assert len(static_storage.release()) == 16
    assert static_storage.release() == static_storage.release.__wrapped__()


def test_every_file_that_a_page_names_is_collected() -> None:
    left_out = StaticFiles.ignore_patterns
    there = {name for finder in finders.get_finders() for name, _ in finder.list(left_out)}
    pages = "".join(path.read_text() for path in (paths.DATA / "templates").rglob("*.html"))
    named = set(re.findall(r"{% static ['\"]([^'\"]+)", pages)) | {re.findall(r"static/([^\"]+)", htmx_script())[0]}
    assert len(named) > 20
    assert named <= there
    assert not any(name.startswith(("django_htmx/ext", "django_htmx/htmx-4")) for name in there)
