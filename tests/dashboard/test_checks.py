"""`manage.py check`: no messages for a correct installation, clear ones for problems."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks

from jobs.models import Token
from jobs.simulator.server import Simulator
from tests.conftest import Stage, give_token

ROOT = Path(__file__).parents[2]
SOUND = {
    "SECRET_KEY": "q7Zp-vX2mW" * 6,
    "TOKEN_ENCRYPTION_KEYS": "b25lLWtleS1vZi1pdHMtb3duLW9uZS1rZXktb2YtaXQ=",
    "ALLOWED_HOSTS": "jobs.example.com",
    "CSRF_TRUSTED_ORIGINS": "https://jobs.example.com",
}


def messages(tags: list[str] | None = None, **given: Any) -> set[str]:
    return {str(message.id) for message in run_checks(tags=tags, **given) if str(message.id).startswith("dashboard")}


@pytest.mark.processes
def test_check_deploy_is_silent_in_production() -> None:
    environment = {"PATH": os.environ["PATH"], **SOUND}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (
        0,
        "System check identified no issues (0 silenced).",
    ), done.stderr


def test_a_sound_installation_has_no_warnings() -> None:
    assert messages() == set()


def test_no_key_and_duplicate_keys_are_errors(settings: Any) -> None:
    key = settings.TOKEN_ENCRYPTION_KEYS[0]
    settings.TOKEN_ENCRYPTION_KEYS = [key, key]
    assert messages() == {"dashboard.E002"}
    settings.TOKEN_ENCRYPTION_KEYS = []
    assert messages() == {"dashboard.E001"}


def test_a_key_derived_from_the_secret_key_is_an_error(settings: Any) -> None:
    settings.SECRET_KEY = "k" * 60
    settings.TOKEN_ENCRYPTION_KEYS = ["a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="]
    assert messages() == {"dashboard.E003"}


@pytest.mark.parametrize("content", ["not json", '{"entries": 5}'])
def test_an_unreadable_explanations_file_is_named(settings: Any, tmp_path: Path, content: str) -> None:
    file = tmp_path / "own.json"
    file.write_text(content)
    settings.EXTRA_EXPLANATIONS = str(file)
    assert messages() == {"dashboard.E004"}


def test_plain_http_on_a_public_host_is_a_warning(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["jobs.example.com"]
    assert messages() == {"dashboard.W001"}


def test_an_undecryptable_api_key_is_reported_with_its_team(stage: Stage, simulator: Simulator) -> None:
    give_token(stage.acme, simulator)
    assert messages(["database"], databases=["default"]) == set()
    Token.objects.update(sealed="1.0.gAAAA")
    assert messages(["database"], databases=["default"]) == {"dashboard.W002"}
