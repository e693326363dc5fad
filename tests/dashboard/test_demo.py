"""The demo: a free port, and an own environment that keeps its keys."""

import os
import socket
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from dashboard import demo


@pytest.mark.parametrize("text", ["", "0", "65536", "http", "-1", "\u0663"])
def test_an_invalid_port_is_reported_in_one_line(text: str) -> None:
    with pytest.raises(SystemExit, match="DEMO_PORT: expected a port number"):
        demo._port(text)


def test_a_port_in_use_is_reported_with_how_to_choose_another() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SystemExit, match="choose another: make demo DEMO_PORT="):
            demo._port(str(taken.getsockname()[1]))


def test_a_free_port_is_used() -> None:
    free = demo._free_port()
    assert demo._port(str(free)) == free


def test_the_shells_environment_does_not_reach_the_demo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "environ", {"SECRET_KEY": "mine", "SENTRY_DSN": "https://x@y/1", "SENTRY_DSN_FILE": "/x"})
    monkeypatch.setattr(demo, "FOLDER", tmp_path)
    demo._environment(8001, "http://127.0.0.1:9")
    assert os.environ["SECRET_KEY"] != "mine"
    assert not {"SENTRY_DSN", "SENTRY_DSN_FILE"} & os.environ.keys()
    assert os.environ["PUBLIC_ORIGIN"] == "http://127.0.0.1:8001"
    assert Fernet(os.environ["TOKEN_ENCRYPTION_KEYS"])


def test_demo_keys_persist_and_are_private(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(demo, "FOLDER", tmp_path)
    assert demo._kept("key", lambda: "first") == demo._kept("key", lambda: "second") == "first"
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
