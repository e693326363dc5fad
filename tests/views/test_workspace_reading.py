"""The progress of reading a workspace, the button to start it, and the managers' switch."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from jobs import clock
from jobs.background import heartbeat, workspace_reading
from jobs.models import Change, JobRecord, JobToRead, Sweep, Team, Work
from jobs.records import sweep
from jobs.simulator.server import Simulator
from tests.conftest import Stage, give_token

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/teams/acme/reading/"


@pytest.fixture(autouse=True)
def thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadPoolExecutor]:
    """One that ends with the test."""
    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(workspace_reading, "_thread", pool)
        yield pool


@pytest.fixture
def api(settings: Any) -> Iterator[Simulator]:
    settings.SWEEP_A_MINUTE = 100_000
    with Simulator() as simulator:
        settings.INVOPOP_API_URL = simulator.url
        yield simulator


@pytest.fixture
def team(stage: Stage, api: Simulator) -> Team:
    give_token(stage.acme, api, "de-live")
    for _ in range(3):
        api.start_job("es-quick", speed=1_000_000, workspace="de-live")
    return stage.acme


def shown(client: Client) -> str:
    return client.get(PAGE).content.decode()


def test_without_a_worker_the_page_says_so_and_reads_for_its_viewer(
    as_bob: Client, team: Team, thread: ThreadPoolExecutor
) -> None:
    assert "No worker runs here" in shown(as_bob)
    answer = as_bob.post(PAGE + "now/")
    assert answer.headers["Location"] == "/teams/acme/failures/"
    thread.shutdown(wait=True)
    assert JobRecord.objects.count() == 3
    page = shown(as_bob)
    assert "Up to date" in page
    assert "<progress" not in page


def test_with_a_worker_the_web_process_does_not_read(
    as_bob: Client, team: Team, api: Simulator, thread: ThreadPoolExecutor
) -> None:
    heartbeat.beat("a", clock.now())
    api.requests.clear()
    as_bob.post(PAGE + "now/")
    assert "Counting the jobs of the last 24 hours: 0 so far." in shown(as_bob)
    thread.shutdown(wait=True)
    assert api.requests.all() == []
    assert Work.objects.get(key=f"sweep:{team.pk}").due_at is not None


def test_progress_is_stored_in_the_database(as_bob: Client, team: Team) -> None:
    """So it is found again after leaving, and after a restart."""
    heartbeat.beat("a", clock.now())
    now = clock.now()
    found = sweep.begin_reading(team, 24, now)
    JobToRead.objects.create(team=team, job_id=uuid.uuid4(), created_at=now, wanted_at=now)
    Sweep.objects.filter(pk=found.pk).update(reading_listed_at=now, reading_found=8)
    page = shown(as_bob)
    assert "Reading the last 24 hours: 7 of 8 jobs." in page
    assert 'max="8" value="7"' in page
    assert 'data-poll-ms="2000"' in page


def test_htmx_gets_the_part_alone(as_bob: Client, team: Team) -> None:
    answer = as_bob.get(PAGE, headers={"HX-Request": "true"})
    assert answer.content.decode().strip().startswith('<div id="reading"')


@pytest.mark.parametrize(("ago", "said"), [(0, "New jobs are read automatically."), (5, "has stopped")])
def test_the_workers_state_is_shown(as_bob: Client, team: Team, ago: int, said: str) -> None:
    heartbeat.beat("a", clock.now() - timedelta(minutes=ago))
    assert said in shown(as_bob)


def test_nothing_is_read_without_a_key(as_bob: Client, stage: Stage) -> None:
    page = shown(as_bob)
    assert "no API key" in page
    assert "<button" not in page.partition('id="reading"')[2].partition("</main>")[0]


def test_a_manager_switches_it_off_and_it_is_recorded(as_alice: Client, team: Team) -> None:
    as_alice.post("/teams/acme/settings/reading/", {"hours_back": "72"})
    found = sweep.of(team)
    assert (found.is_on, found.hours_back) == (False, 72)
    assert Change.objects.get(what="sweep_set").about == "off"
    assert "Jobs are not read in the background here" in shown(as_alice)
    as_alice.post("/teams/acme/settings/reading/", {"hours_back": "24", "is_on": "on"})
    assert sweep.of(team).is_on
    assert "Reading jobs in the background" in as_alice.get("/teams/acme/settings/").content.decode()


@pytest.mark.parametrize("hours", ["", "5", "x"])
def test_a_range_not_offered_changes_nothing(as_alice: Client, team: Team, hours: str) -> None:
    as_alice.post("/teams/acme/settings/reading/", {"hours_back": hours})
    assert sweep.of(team).is_on


@pytest.mark.usefixtures("thread")
class TestSwitchedOff:
    def test_switched_off_by_a_manager_only_managers_start_it(self, stage: Stage, team: Team) -> None:
        Sweep.objects.create(team=team, is_on=False)
        alice, bob = signed_in(stage.alice), signed_in(stage.bob)
        assert "Read the last" not in shown(bob)
        assert bob.post(PAGE + "now/").status_code == 403
        assert not sweep.is_reading(sweep.of(team))
        assert "Read the last" in shown(alice)
        assert alice.post(PAGE + "now/").status_code == 302

    def test_switched_off_by_the_operator_nobody_starts_it(self, as_alice: Client, team: Team, settings: Any) -> None:
        settings.SWEEP_A_MINUTE = 0
        assert "Read the last" not in shown(as_alice)
        assert as_alice.post(PAGE + "now/").status_code == 403

    def test_a_running_reading_ends(self, as_alice: Client, team: Team) -> None:
        heartbeat.beat("a", clock.now())
        as_alice.post(PAGE + "now/")
        as_alice.post("/teams/acme/settings/reading/", {"hours_back": "24"})
        assert not sweep.is_reading(sweep.of(team))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
