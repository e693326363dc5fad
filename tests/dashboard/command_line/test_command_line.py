"""`jobs-dashboard`: its commands, and the message for unknown ones."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from dashboard import command_line
from dashboard.command_line import COMMANDS, main
from jobs import __version__

ROOT = Path(__file__).resolve().parents[3]


def test_each_command_has_a_help_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    listed = re.findall(r"^  (\w+) ", capsys.readouterr().out, re.MULTILINE)
    assert listed == list(COMMANDS)


@pytest.mark.parametrize("typed", [[], ["fly"], [""]])
def test_an_unknown_command_lists_the_known_ones(capsys: pytest.CaptureFixture[str], typed: list[str]) -> None:
    assert main(typed) == 2
    assert command_line.USAGE in capsys.readouterr().err


@pytest.mark.processes
@pytest.mark.parametrize("command", ["demo", "manage", "serve", "upgrade", "worker"])
def test_each_command_has_help(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dashboard", command, "--help"], cwd=ROOT, capture_output=True, text=True, check=False,
        env={"DEBUG": "on", "PATH": "", "ENV_FILE": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert re.search("usage:|Available subcommands", done.stdout)


@pytest.mark.processes
@pytest.mark.parametrize("command", ["purge", "rotate_tokens", "check_token acme", "create_team acme --name Acme"])
def test_an_unreachable_database_is_a_sentence(command: str, tmp_path: Path) -> None:
    (tmp_path / "db.sqlite3").mkdir()  # nothing that can be opened
    env = {"DEBUG": "on", "PATH": "", "ENV_FILE": "", "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3"}
    typed = [sys.executable, "-m", "dashboard", "manage", *command.split()]
    done = subprocess.run(typed, cwd=ROOT, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1:] == ["The database: unable to open database file"]
    assert "Traceback" not in done.stderr


@pytest.mark.processes
def test_a_database_without_tables_asks_for_an_upgrade(tmp_path: Path) -> None:
    env = {"DEBUG": "on", "PATH": "", "ENV_FILE": "", "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3"}
    typed = [sys.executable, "-m", "dashboard", "manage", "create_team", "acme", "--name", "Acme"]
    done = subprocess.run(typed, cwd=ROOT, capture_output=True, text=True, check=False, env=env)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert done.stderr.endswith("It is not of this version: run `jobs-dashboard upgrade`.\n")


def test_the_version_is_the_same_everywhere(capsys: pytest.CaptureFixture[str], settings: object) -> None:
    from jobs.invopop import transport

    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"{__version__}\n"
    assert __version__ == settings.VERSION  # type: ignore[attr-defined]
    assert f"invopop-jobs-dashboard/{__version__}" == transport.USER_AGENT
    assert re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[1] == __version__  # type: ignore[index]


def test_kubernetes_manifests_name_this_version_once() -> None:
    (image,) = yaml.safe_load((ROOT / "deploy/kustomization.yaml").read_text())["images"]
    assert image["newTag"] == __version__
    named = set(re.findall(r"image: (?:&image )?(?!\*)(\S+)", (ROOT / "deploy/kubernetes.yaml").read_text()))
    assert named == {image["name"]}
