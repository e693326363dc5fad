"""The silo folder of an entry, for its console URL."""

import json
from uuid import UUID

import pytest

from jobs.models import Team, Token
from jobs.simulator.server import Simulator
from jobs.upstream.silo_folders import folder
from tests.upstream.viewing import look


@pytest.fixture
def entry_id(team: Team, finished: UUID) -> str:
    return str(json.loads(look(team, finished).body or b"{}")["silo_entry_id"])


def test_the_folder_of_an_entry_is_fetched_once(team: Team, entry_id: str, simulator: Simulator) -> None:
    assert [folder(team, entry_id) for _ in range(3)] == ["invoices"] * 3
    assert simulator.requests.count(f"/silo/v1/entries/{entry_id}") == 1


def test_an_unknown_folder_is_empty_and_fetched_again(team: Team, entry_id: str, simulator: Simulator) -> None:
    simulator.misbehave("/silo/v1/entries", "503", times=1)
    assert folder(team, entry_id) == ""
    assert folder(team, entry_id) == "invoices"


@pytest.mark.parametrize("entry_id", ["", "no id", "x" * 300, "0198c0de-0000-7000-8000-0000000000ff"])
def test_an_invalid_entry_has_no_folder(team: Team, entry_id: str) -> None:
    assert folder(team, entry_id) == ""


def test_nothing_is_requested_without_an_api_key(team: Team, entry_id: str, simulator: Simulator) -> None:
    Token.objects.filter(team=team).update(in_use=False)
    simulator.requests.clear()
    assert folder(Team.objects.get(pk=team.pk), entry_id) == ""
    assert simulator.requests.count() == 0
