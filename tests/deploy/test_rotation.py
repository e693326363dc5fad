"""`rotate_tokens` may be killed at any step and run again, and reports when the old key may be removed."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from jobs import encryption
from jobs.encryption import Secret
from jobs.models import Snapshot, SnapshotBody, Team, Token, WorkflowCopy
from jobs.simulator.server import Simulator
from jobs.upstream import snapshots, workflows
from tests.conftest import Stage, give_second_factor, give_token

ROOT = Path(__file__).resolve().parents[2]
NEW = "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldy0="
SECRETS = {"acme": "a.token.ofacme", "elsewhere": "a.token.elsewhere"}
KILLED = """
import os, signal, sys
import django
django.setup()
from django.core.management import call_command
from django.db import connection

def kill(execute, sql, *rest):
    done = execute(sql, *rest)
    if sql.startswith(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
    return done

with connection.execute_wrapper(kill):
    call_command("rotate_tokens")
"""


JOB = "0198c0de-0000-7000-8000-000000000001"


@pytest.fixture
def codes(stage: Stage, settings: Any) -> list[str]:
    """Two API keys and two second factors under the old key, and a copy; with the keys of a rotation."""
    for team in (stage.acme, stage.elsewhere):
        Token.objects.replace(team, Secret(SECRETS[team.slug]))
    give_second_factor(stage.alice)
    RecoveryCodes.activate(stage.alice)
    copy = Snapshot.objects.create(team=stage.acme, job_id=JOB, expires_at=timezone.now())
    SnapshotBody.objects.create(snapshot=copy, sealed=encryption.seal_bytes(b"{}", copy.place))
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, *settings.TOKEN_ENCRYPTION_KEYS]
    return unused()


def unused() -> list[str]:
    return list(RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes())


def child(*command: str, keys: list[str]) -> subprocess.CompletedProcess[str]:
    """A separate process on this test's database."""
    parts, name = urlsplit(os.environ.get("DATABASE_URL", "sqlite://")), str(connection.settings_dict["NAME"])
    address = urlunsplit(parts._replace(path="/" + name)) if parts.hostname else f"sqlite:///{name}"
    given = {"DATABASE_URL": address, "TOKEN_ENCRYPTION_KEYS": ",".join(keys)}
    given["DJANGO_SETTINGS_MODULE"] = "dashboard.settings"
    command = (sys.executable, *command)
    return subprocess.run(command, cwd=ROOT, env=os.environ | given, text=True, capture_output=True, check=False)


def old_ones() -> int:
    values = [token.sealed for token in Token.objects.defer(None).exclude(sealed="")]
    values += [factor.data.get("secret") or factor.data["seed"] for factor in Authenticator.objects.all()]
    return sum(not encryption.is_newest(value) for value in values)


def assert_all_opens() -> None:
    assert {token.team.slug: token.reveal() for token in Token.objects.all()} == SECRETS


@pytest.mark.processes
def test_rotation_resumes_after_being_killed_at_any_step(codes: list[str], settings: Any) -> None:
    keys = settings.TOKEN_ENCRYPTION_KEYS
    for left in (3, 2, 1, 0):
        assert child("-c", KILLED, "UPDATE", keys=keys).returncode == -signal.SIGKILL
        assert old_ones() == left
        assert_all_opens()  # at any time, with both keys
    assert child("-c", KILLED, "DELETE", keys=keys).returncode == -signal.SIGKILL
    for dropped in (2, 0):  # and once more, with nothing left
        done = child("manage.py", "rotate_tokens", keys=keys)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(f"0 sealed again, 0 left under other keys, {dropped} snapshot rows dropped.")
        assert "may be taken out" in done.stdout
    settings.TOKEN_ENCRYPTION_KEYS = [NEW]
    assert_all_opens()
    assert unused() == codes


def test_rotation_counts_what_it_reencrypted(codes: list[str]) -> None:
    assert rotated().startswith("4 sealed again, 0 left")


def test_the_old_key_is_needed_while_anything_uses_it(stage: Stage, codes: list[str], settings: Any) -> None:
    """A process that has not been restarted encrypts with the old key meanwhile."""
    old = settings.TOKEN_ENCRYPTION_KEYS[1:]

    def replaced(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith('UPDATE "jobs_token"') and Token.objects.filter(team=stage.acme).count() == 1:
            settings.TOKEN_ENCRYPTION_KEYS, both = old, settings.TOKEN_ENCRYPTION_KEYS
            Token.objects.replace(stage.acme, Secret("a.newer.token"))
            settings.TOKEN_ENCRYPTION_KEYS = both
        return execute(sql, *rest)

    with connection.execute_wrapper(once(replaced)), pytest.raises(CommandError, match="1 sealed values are not under"):
        rotated()
    assert Token.objects.get(team=stage.acme, in_use=True).reveal() == "a.newer.token"
    assert rotated().startswith("1 sealed again, 0 left")


def test_a_recovery_code_used_meanwhile_stays_used(stage: Stage, codes: list[str]) -> None:
    def used(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith('UPDATE "mfa_authenticator"') and unused() == codes:
            assert RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).validate_code(codes[0])
        return execute(sql, *rest)

    with connection.execute_wrapper(once(used)), pytest.raises(CommandError, match="keep the old keys"):
        rotated()
    assert rotated().startswith("1 sealed again, 0 left")
    assert unused() == codes[1:]


def test_a_workflow_under_a_missing_key_is_fetched_again(stage: Stage, simulator: Simulator, settings: Any) -> None:
    give_token(stage.acme, simulator)
    now = timezone.now()
    job = simulator.start_job("es-accepted", speed=1e8)
    shown = snapshots.for_page(stage.acme, UUID(job), now)
    assert shown.job is not None
    assert workflows.learn(stage.acme, shown.job.workflow_id, now)
    sealed = WorkflowCopy.objects.get().sealed
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, *settings.TOKEN_ENCRYPTION_KEYS]
    rotated()
    assert not WorkflowCopy.objects.exists()
    WorkflowCopy.objects.create(team=stage.acme, workflow_id=shown.job.workflow_id, sealed=sealed, fetched_at=now)
    settings.TOKEN_ENCRYPTION_KEYS = [NEW]
    again = Team.objects.get(pk=stage.acme.pk)  # with the token as it lies there now
    assert workflows.learn(again, shown.job.workflow_id, now + workflows.KEPT)
    assert workflows.known(again, shown.job.workflow_id)


def rotated() -> str:
    out = StringIO()
    call_command("rotate_tokens", stdout=out)
    return out.getvalue()


def once(wrapper: Callable[..., Any]) -> Callable[..., Any]:
    """Not for the statements that it makes itself."""
    inside: list[str] = []

    def run(execute: Any, sql: str, *rest: Any) -> Any:
        if inside:
            return execute(sql, *rest)
        inside.append(sql)
        try:
            return wrapper(execute, sql, *rest)
        finally:
            inside.clear()

    return run
