"""The operator's commands: what they print, how they end, and that none prints a token."""

import io
import sys
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from jobs.models import LookUp, Membership, Team, Token
from jobs.simulator import Simulator
from tests.conftest import Stage, give_token

JOB = "0198c0de-0000-7000-8000-000000000001"


def run(*words: str) -> str:
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text + "\n"))


def test_create_team_makes_its_first_member_the_manager(stage: Stage) -> None:
    assert "/teams/north/" in run("create_team", "north", "--name", "North", "--member", "bob", "--member", "alice")
    roles = dict(Membership.objects.filter(team__slug="north").values_list("user__username", "role"))
    assert roles == {"bob": "manager", "alice": "viewer"}


def test_create_team_with_an_unknown_member_makes_nothing(stage: Stage) -> None:
    with pytest.raises(CommandError, match="no user 'zoe'"):
        run("create_team", "north", "--name", "North", "--member", "zoe")
    assert not Team.objects.filter(slug="north").exists()


def test_set_token_reads_checks_and_never_prints_it(
    stage: Stage, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, simulator.tokens["es-live"])
    said = run("set_token", "acme")
    token = Token.objects.defer(None).get(team=stage.acme, in_use=True)
    assert token.fingerprint in said
    assert simulator.tokens["es-live"] not in said
    assert token.reveal() == simulator.tokens["es-live"]


def test_set_token_keeps_the_old_one_when_the_api_refuses(
    stage: Stage, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = give_token(stage.acme, simulator)
    typed(monkeypatch, "eyJ.wrong.token")
    with pytest.raises(CommandError, match="Nothing was changed") as refused:
        run("set_token", "acme")
    assert "eyJ.wrong.token" not in str(refused.value)
    assert Token.objects.get(in_use=True) == kept


def test_set_token_stores_unchecked_when_told_so(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, "eyJ.unchecked.token")
    assert "eyJ.unchecked.token" not in run("set_token", "acme", "--no-check")
    assert Token.objects.get(in_use=True).checked_at is None


@pytest.mark.parametrize("text", ["", "two words", "ñ"])
def test_set_token_wants_one_word(stage: Stage, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    typed(monkeypatch, text)
    with pytest.raises(CommandError, match="Expected one token"):
        run("set_token", "acme")


def test_check_token_tells_whose_it_is(stage: Stage, simulator: Simulator) -> None:
    give_token(stage.acme, simulator)
    said = run("check_token", "acme")
    assert "Workspace" in said
    assert "live" in said
    assert simulator.tokens["es-live"] not in said


def test_rotate_tokens_fails_while_one_cannot_be_opened(stage: Stage, simulator: Simulator) -> None:
    give_token(stage.acme, simulator)
    assert run("rotate_tokens").startswith("0 sealed again, 0 left")
    Token.objects.update(sealed="1.0.lost")
    with pytest.raises(CommandError, match="1 sealed values are not under the newest key"):
        run("rotate_tokens")


def test_fetch_job_prints_the_body_or_what_it_means(stage: Stage, simulator: Simulator) -> None:
    give_token(stage.acme, simulator)
    job = str(next(own for workspace, own, _ in simulator.demo_jobs() if workspace == "es-live"))
    assert job in run("fetch_job", "acme", job)
    assert run("fetch_job", "acme", job, "--summary").startswith("job  ")


def test_fetch_job_fails_for_one_that_is_not_there(stage: Stage, simulator: Simulator) -> None:
    give_token(stage.acme, simulator)
    with pytest.raises(CommandError, match="NoSuchJob"):
        run("fetch_job", "acme", "0198c0de-0000-7000-8000-00000000dead")


def test_purge_drops_look_ups_older_than_they_are_kept(stage: Stage) -> None:
    assert "0 look-ups dropped" in run("purge")
    LookUp.objects.create(team=stage.acme, user=stage.bob, job_id=JOB, at=timezone.now() - timedelta(days=4000))
    assert "1 look-ups dropped" in run("purge")
