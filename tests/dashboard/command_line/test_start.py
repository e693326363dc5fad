"""A command sets Django up, and the environment wins over what it would say itself."""

import os

import pytest

from dashboard.command_line.start import MIGRATION_SECONDS, prepared


@pytest.mark.parametrize(("given", "expected"), [({}, str(MIGRATION_SECONDS)), ({"DATABASE_SECONDS": "7"}, "7")])
def test_a_migration_may_take_longer_unless_it_is_said_how_long(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], expected: str
) -> None:
    monkeypatch.setattr(os, "environ", {"ENV_FILE": "", **given})
    prepared(MIGRATION_SECONDS)
    assert os.environ["DATABASE_SECONDS"] == expected


@pytest.mark.parametrize(("given", "expected"), [({}, "dashboard.settings"), ({"DJANGO_SETTINGS_MODULE": "x"}, "x")])
def test_it_uses_our_settings_unless_others_are_named(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], expected: str
) -> None:
    monkeypatch.setattr(os, "environ", {"ENV_FILE": "", **given})
    prepared(30)
    assert os.environ["DJANGO_SETTINGS_MODULE"] == expected
