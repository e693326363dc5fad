"""Variables from a file: the environment takes precedence, and the file is never committed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard import env_file, paths
from dashboard.environment import Refused

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("LOG_FORMAT", "LOG_LEVEL", "SECRET_KEY", "SECRET_KEY_FILE")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder to read from, and an environment without these variables."""
    before = dict(os.environ)
    monkeypatch.setattr(paths, "HOME", tmp_path)
    for name in (*NAMES, "ENV_FILE"):
        os.environ.pop(name, None)
    yield tmp_path
    os.environ.clear()
    os.environ.update(before)


def test_the_file_is_read_and_the_environment_wins(home: Path) -> None:
    (home / ".env").write_text("# ours\nLOG_FORMAT=json\nLOG_LEVEL='WARNING'\n\nexport SECRET_KEY=\"a b=c\"\n")
    os.environ["LOG_LEVEL"] = "ERROR"
    env_file.load()
    assert [os.environ[name] for name in ("LOG_FORMAT", "LOG_LEVEL", "SECRET_KEY")] == ["json", "ERROR", "a b=c"]


def test_a_variable_and_its_file_variant_override_each_other(home: Path) -> None:
    (home / ".env").write_text("SECRET_KEY_FILE=/somewhere/else\n")
    os.environ["SECRET_KEY"] = "k" * 50
    env_file.load()
    assert "SECRET_KEY_FILE" not in os.environ


def test_a_missing_default_file_is_fine_and_a_missing_named_one_is_an_error(home: Path) -> None:
    env_file.load()
    os.environ["ENV_FILE"] = "production.env"
    with pytest.raises(Refused, match="ENV_FILE: expected"):
        env_file.load()


def test_reading_can_be_switched_off(home: Path) -> None:
    (home / ".env").write_text("LOG_FORMAT=json\n")
    os.environ["ENV_FILE"] = ""
    env_file.load()
    assert "LOG_FORMAT" not in os.environ


@pytest.mark.processes
def test_commands_and_the_server_read_it(tmp_path: Path) -> None:
    """An invalid level, so that the error shows from where it was read."""
    (tmp_path / "mine").write_text("DEBUG=on\nLOG_LEVEL=LOUD\n")
    given = {"PATH": os.environ["PATH"], "ENV_FILE": str(tmp_path / "mine")}
    for command in (["manage.py", "check"], ["-m", "gunicorn", "dashboard.wsgi", "--bind", "127.0.0.1:0"]):
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=given, capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode
        assert "LOG_LEVEL: expected" in done.stderr


def test_git_ignores_it() -> None:
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()
