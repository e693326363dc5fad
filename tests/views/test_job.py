"""The permalink of a job: the page and its live part."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertNumQueries

from jobs.models import Snapshot
from jobs.simulator.server import Simulator
from tests.conftest import Stage
from tests.pages import read
from tests.views.polling import Start, marks, settle


class TestMarks:
    def test_an_unchecked_job_shows_no_age(self, as_bob: Client, start: Start, settings: Any) -> None:
        path, settings.INVOPOP_API_URL = start("es-accepted"), "http://127.0.0.1:9"
        elements = read(as_bob.get(path).content).elements
        (age,) = (given for _, given in elements if given.get("id") == "live-age")
        assert "hidden" in age
        assert [given for name, given in elements if name == "time" and given.get("data-as") == "age"] == [
            {"data-as": "age"}
        ]

    def test_the_live_part_has_the_documented_attributes(self, as_bob: Client, start: Start) -> None:
        page = as_bob.get(start("es-dead-webhook")).content
        (job,) = (given for _, given in read(page).elements if given.get("id") == "job")
        assert job["data-outcome"] == "completed_faults"
        assert job["data-document"] == "accepted"
        assert job["data-poll-ms"] == "0"
        assert job["data-fetched-at"].startswith("20")
        assert "data-stale" not in job

    def test_each_step_event_fault_and_file_has_its_mark(self, as_bob: Client, start: Start) -> None:
        path = start("es-dead-webhook")
        page = as_bob.get(path).content
        body = json.loads(as_bob.get(path + "job.json").content)
        steps = [f"intent-{intent['id']}" for intent in body["intents"]]
        assert set(steps) <= set(marks(page, "id"))
        assert f"event-{body['intents'][0]['id']}-0" in marks(page, "id")
        assert len(marks(page, "data-fault")) >= len(body["faults"]) > 0
        assert set(marks(page, "data-attachment")) == {file["id"] for file in body["attachments"]} != set()
        assert len(marks(page, "id")) == len(set(marks(page, "id")))

    def test_an_open_job_has_a_poll_interval(self, as_bob: Client, start: Start) -> None:
        page = as_bob.get(start("es-stub", 1.0)).content
        assert 500 <= int(re.findall(rb'data-poll-ms="(\d+)"', page)[0]) <= 30_000

    def test_a_job_waiting_for_weeks_is_polled_rarely_from_the_start(
        self, as_bob: Client, start: Start, simulator: Simulator
    ) -> None:
        start("es-accepted")
        waiting = next(job for _, job, seen in simulator.demo_jobs() if "three weeks" in seen)
        page = as_bob.get(f"/teams/acme/jobs/{waiting}/").content
        assert 'data-poll-ms="30000"' in page.decode()
        next_at = Snapshot.objects.get(job_id=waiting).next_at
        assert next_at is not None
        assert next_at > timezone.now() + timedelta(minutes=1)


class TestManualRefresh:
    def test_it_requests_at_most_once_in_five_seconds(self, as_bob: Client, start: Start, simulator: Simulator) -> None:
        path = start("es-accepted")
        as_bob.get(path)
        job_id = path.split("/")[-2]
        Snapshot.objects.update(asked_at=timezone.now() - timedelta(seconds=6))
        before = simulator.requests.count(job_id)
        for _ in range(3):
            assert as_bob.post(path + "refresh/").status_code == 302
            settle()
        assert simulator.requests.count(job_id) == before + 1


class TestAdvice:
    def test_a_retrying_job_is_not_to_be_rerun(self, as_bob: Client, start: Start, simulator: Simulator) -> None:
        start("es-accepted")
        retried = next(job for _, job, seen in simulator.demo_jobs() if seen.startswith("Being tried again"))
        page = as_bob.get(f"/teams/acme/jobs/{retried}/").content.decode()
        assert 'data-outcome="retrying"' in page
        assert "Do not issue it again: the other side already has the document." in page
        assert "Rerun it once the cause is gone" not in page

    def test_an_ended_job_does_not_claim_to_take_time(self, as_bob: Client, start: Start, simulator: Simulator) -> None:
        start("es-accepted")
        skipped = next(job for _, job, seen in simulator.demo_jobs() if "skipped the sending" in seen)
        page = as_bob.get(f"/teams/acme/jobs/{skipped}/").content.decode()
        assert "The job or attempt that sent it shows how it was delivered." in page
        assert "it takes time" not in page

    def test_an_ended_job_mentions_nothing_still_to_be_sent(
        self, as_bob: Client, start: Start, simulator: Simulator
    ) -> None:
        start("es-accepted")
        refused = next(job for _, job, seen in simulator.demo_jobs() if seen.startswith("Two faults, one cause"))
        page = as_bob.get(f"/teams/acme/jobs/{refused}/").content.decode()
        assert "Nothing was sent" in page
        assert "Nothing sent yet" not in page


class TestPage:
    def test_print_has_team_permalink_and_time(self, as_bob: Client, start: Start, settings: Any) -> None:
        path = start("es-accepted")
        page = as_bob.get(path).content.decode()
        (paper,) = re.findall(r'<p class="on-paper">(.*?)</p>', page, re.DOTALL)
        assert "Acme" in paper
        assert settings.PUBLIC_ORIGIN + path in paper
        assert re.search(
            r'id="live-age">checked\s+<time datetime="20\d\d-', page
        )  # printed, and current on a watched page

    def test_pinning_keeps_focus_and_every_tab_stop_is_visible(self, as_bob: Client, start: Start) -> None:
        elements = read(as_bob.get(start("es-accepted")).content).elements
        buttons = [given for name, given in elements if name == "button" and given.get("type") == "submit"]
        assert any(given.get("id") == "pin-button" for given in buttons)  # htmx gives it the focus back, by its id
        assert all(given.get("tabindex") == "-1" for given in buttons if given.get("class") == "unseen")


class TestQueries:
    """The session with its person; the team with the membership and the key; the row with what is beside it; the
    members; the look-up. A case adds its row and its notes."""

    @pytest.mark.parametrize("who", ["alice", "bob"])
    @pytest.mark.parametrize(("has_case", "most"), [(False, 5), (True, 7)])
    def test_a_finished_job_takes_few_queries(
        self, client: Client, stage: Stage, start: Start, who: str, has_case: bool, most: int
    ) -> None:
        client.force_login(getattr(stage, who))
        path = start("es-accepted")
        client.get(path)
        if has_case:
            client.post(path + "case/note/", {"text": "Hello"})
        client.get(path)
        with assertNumQueries(most):
            client.get(path)

    def test_an_open_job_takes_few_queries(self, as_bob: Client, start: Start) -> None:
        path = start("be-approval", 100)
        as_bob.get(path)
        settle()
        Snapshot.objects.update(next_at=timezone.now() + timedelta(minutes=5), lease_until=None)
        with assertNumQueries(5):
            as_bob.get(path)
