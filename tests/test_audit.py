"""Who did what: written down as it happens, read by the team's managers, exported without tricks."""

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from jobs import snapshots
from jobs.models import Change, LookUp
from jobs.simulator.server import Simulator
from tests.conftest import Stage, give_token

PAGE = "/teams/acme/settings/audit/"
CSV = "/teams/acme/settings/audit.csv"
SETTINGS = "/teams/acme/settings/"


def told(client: Client) -> list[dict[str, str]]:
    content = b"".join(client.get(CSV)).decode()
    return list(csv.DictReader(io.StringIO(content)))


def test_looks_and_downloads_are_written_down_with_who_when_and_from_where(
    as_alice: Client, stage: Stage, simulator: Simulator
) -> None:
    give_token(stage.acme, simulator)
    job = simulator.start_job("es-accepted", speed=1e8)
    as_alice.get(f"/teams/acme/jobs/{job}/")
    as_alice.get(f"/teams/acme/jobs/{job}/envelope.json")
    newest, first = told(as_alice)
    assert (first["person"], first["about"], first["outcome"], first["address"]) == (
        "alice", job, "completed", "127.0.0.1",
    )  # fmt: skip
    assert newest["what"] == "took the envelope"
    assert job in as_alice.get(PAGE).content.decode()


@pytest.mark.parametrize("part", ["status.json", "envelope/", "envelope/?at=/doc&value", "events/?step=0"])
def test_a_job_is_opened_by_any_of_its_addresses_and_once_in_an_hour(
    as_alice: Client, stage: Stage, simulator: Simulator, part: str
) -> None:
    give_token(stage.acme, simulator)
    job = simulator.start_job("es-accepted", speed=1e8)
    snapshots.look(stage.acme, UUID(job), timezone.now())
    for _ in range(3):
        assert as_alice.get(f"/teams/acme/jobs/{job}/{part}").status_code == 200
    assert [(row["what"], row["about"]) for row in told(as_alice)] == [("opened the job", job)]


def test_what_commands_do_is_written_down_too(as_alice: Client, simulator: Simulator, monkeypatch: Any) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(simulator.tokens["es-live"]))
    call_command("set_token", "acme", stdout=io.StringIO())
    call_command("create_team", "acme", "--member", "charlie", stdout=io.StringIO())
    new, first = told(as_alice)
    assert (first["what"], new["what"]) == ("put an API key in use", "added a person or changed a role")
    assert new["about"] == "charlie: viewer (manage.py)"
    assert simulator.tokens["es-live"] not in str(told(as_alice))


def test_changes_of_the_settings_are_written_down_without_any_secret(as_alice: Client, simulator: Simulator) -> None:
    token = simulator.tokens["es-live"]
    as_alice.post(SETTINGS + "token/", {"token": token})
    as_alice.post(SETTINGS + "token/", {"token": "refused.by.the-api"})
    as_alice.post(SETTINGS + "members/", {"person": "bob", "role": "manager"})
    as_alice.post(SETTINGS + "webhook/")
    as_alice.post(SETTINGS + "invite/", {"email": "dora@example.com", "role": "viewer"})
    as_alice.post(SETTINGS + "token/", {"revoke": "1"})
    whats = [row["what"] for row in reversed(told(as_alice))]
    assert whats == [
        "put an API key in use",
        "tried an API key that was not accepted",
        "added a person or changed a role",
        "made a webhook secret",
        "invited",
        "stopped using the API key",
    ]
    text = as_alice.get(PAGE).content.decode() + str(told(as_alice))
    assert token not in text
    assert "hook_" not in text
    assert "invite_" not in text


def test_the_page_goes_back_in_time_a_hundred_at_a_time(as_alice: Client, stage: Stage) -> None:
    now = timezone.now()
    Change.objects.bulk_create(
        Change(team=stage.acme, user=stage.alice, what="invited", about=f"n{n}", at=now - timedelta(minutes=n))
        for n in range(150)
    )
    first = as_alice.get(PAGE).content.decode()
    assert first.count("<tr>") == 101
    older = first.split('href="?before=')[1].split('"')[0]
    assert as_alice.get(f"{PAGE}?before={older}").content.decode().count("<tr>") == 51
    assert as_alice.get(f"{PAGE}?before=nonsense").status_code == 200


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_file_is_calculated(as_alice: Client, stage: Stage, start: str) -> None:
    about = f"{start}cmd|' /C calc'!A0"
    Change.objects.create(team=stage.acme, what="invited", about=about, at=timezone.now())
    assert f"'{about}" in b"".join(as_alice.get(CSV)).decode()


def test_what_is_old_is_purged(stage: Stage, settings: Any) -> None:
    settings.AUDIT_KEPT = timedelta(days=30)
    long_ago = timezone.now() - timedelta(days=31)
    Change.objects.create(team=stage.acme, what="invited", at=long_ago)
    LookUp.objects.create(team=stage.acme, user=stage.bob, job_id="0198c0de-0000-7000-8000-000000000001", at=long_ago)
    call_command("purge")
    assert not Change.objects.exists()
    assert not LookUp.objects.exists()
