"""Activating an API key: it is checked first and never printed."""

import pytest
from django.core.management import CommandError

from jobs.models import Token
from jobs.simulator import Simulator
from tests.conftest import Stage, give_token
from tests.management.running import run, typed


def test_it_checks_and_never_prints_the_key(
    stage: Stage, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, simulator.tokens["es-live"])
    output = run("set_token", "acme")
    token = Token.objects.defer(None).get(team=stage.acme, in_use=True)
    assert token.fingerprint in output
    assert simulator.tokens["es-live"] not in output
    assert token.reveal() == simulator.tokens["es-live"]


def test_it_keeps_the_old_key_when_the_api_refuses(
    stage: Stage, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = give_token(stage.acme, simulator)
    typed(monkeypatch, "eyJ.wrong.token")
    with pytest.raises(CommandError, match="Nothing changed") as refused:
        run("set_token", "acme")
    assert "eyJ.wrong.token" not in str(refused.value)
    assert Token.objects.get(in_use=True) == kept


def test_no_check_stores_the_key_unchecked(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, "eyJ.unchecked.token")
    assert "eyJ.unchecked.token" not in run("set_token", "acme", "--no-check")
    assert Token.objects.get(in_use=True).checked_at is None


@pytest.mark.parametrize("text", ["", "two words", "ñ"])
def test_it_requires_one_word(stage: Stage, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    typed(monkeypatch, text)
    with pytest.raises(CommandError, match="Expected one API key"):
        run("set_token", "acme")
