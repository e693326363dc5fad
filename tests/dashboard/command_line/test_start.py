"""A command sets up Django, and the environment takes precedence over its defaults."""

import os

import pytest

from dashboard.command_line.start import MIGRATION_SECONDS, prepared


@pytest.mark.parametrize(("given", "expected"), [({}, str(MIGRATION_SECONDS)), ({"DATABASE_SECONDS": "7"}, "7")])
def test_a_migration_has_a_longer_timeout_unless_one_is_set(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], expected: str
) -> None:
    monkeypatch.setattr(os, "environ", {"ENV_FILE": "", **given})
    prepared(MIGRATION_SECONDS)
    assert os.environ["DATABASE_SECONDS"] == expected


@pytest.mark.parametrize(("given", "expected"), [({}, "dashboard.settings"), ({"DJANGO_SETTINGS_MODULE": "x"}, "x")])
def test_our_settings_are_the_default(monkeypatch: pytest.MonkeyPatch, given: dict[str, str], expected: str) -> None:
    monkeypatch.setattr(os, "environ", {"ENV_FILE": "", **given})
    prepared(30)
    assert os.environ["DJANGO_SETTINGS_MODULE"] == expected
