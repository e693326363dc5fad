"""The permalink: the page, its live part, and the machine-readable twins, as the outside relies on them."""

import gzip
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertNumQueries

from jobs import asking, timeline
from jobs.models import Snapshot
from jobs.simulator.server import Simulator
from jobs.views import live
from tests.conftest import Stage, give_token
from tests.pages import assert_inert, read

AT_ONCE = 1e8
Start = Callable[..., str]


@pytest.fixture
def start(stage: Stage, simulator: Simulator) -> Start:
    """Starts a job of a story and gives its permalink; without a speed it is over already."""
    give_token(stage.acme, simulator)
    return lambda story, speed=AT_ONCE: f"/teams/acme/jobs/{simulator.start_job(story, speed=speed)}/"


def poll(person: Client, path: str, tag: str = "none", **headers: str) -> Any:
    return person.get(path, headers={"HX-Request": "true", "HX-PTag": tag} | headers)


def tag_of(person: Client, path: str) -> str:
    return str(poll(person, path).headers["HX-PTag"])


def settle() -> None:
    wait(list(asking._under_way.values()), timeout=15)


def marks(content: bytes, name: str) -> list[str]:
    return [attributes[name] for _, attributes in read(content).elements if name in attributes]


class TestMarks:
    def test_what_has_never_been_checked_has_no_age_yet(self, as_bob: Client, start: Start, settings: Any) -> None:
        path, settings.INVOPOP_API_URL = start("es-accepted"), "http://127.0.0.1:9"
        elements = read(as_bob.get(path).content).elements
        (age,) = (given for _, given in elements if given.get("id") == "live-age")
        assert "hidden" in age
        assert [given for name, given in elements if name == "time" and given.get("data-as") == "age"] == [
            {"data-as": "age"}
        ]

    def test_the_live_part_says_what_scripts_ask_it(self, as_bob: Client, start: Start) -> None:
        page = as_bob.get(start("es-dead-webhook")).content
        (job,) = (given for _, given in read(page).elements if given.get("id") == "job")
        assert job["data-outcome"] == "completed_faults"
        assert job["data-document"] == "accepted"
        assert job["data-poll-ms"] == "0"
        assert job["data-fetched-at"].startswith("20")
        assert "data-stale" not in job

    def test_each_step_event_fault_and_file_has_its_own(self, as_bob: Client, start: Start) -> None:
        path = start("es-dead-webhook")
        page = as_bob.get(path).content
        told = json.loads(as_bob.get(path + "job.json").content)
        steps = [f"intent-{intent['id']}" for intent in told["intents"]]
        assert set(steps) <= set(marks(page, "id"))
        assert f"event-{told['intents'][0]['id']}-0" in marks(page, "id")
        assert len(marks(page, "data-fault")) >= len(told["faults"]) > 0
        assert set(marks(page, "data-attachment")) == {file["id"] for file in told["attachments"]} != set()
        assert len(marks(page, "id")) == len(set(marks(page, "id")))

    def test_a_page_that_moves_says_when_to_look_again(self, as_bob: Client, start: Start) -> None:
        page = as_bob.get(start("es-stub", 1.0)).content
        assert 500 <= int(re.findall(rb'data-poll-ms="(\d+)"', page)[0]) <= 30_000

    def test_a_job_that_has_waited_for_weeks_is_looked_at_rarely_from_the_first_look_on(
        self, as_bob: Client, start: Start, simulator: Simulator
    ) -> None:
        start("es-accepted")
        waiting = next(job for _, job, seen in simulator.demo_jobs() if "three weeks" in seen)
        page = as_bob.get(f"/teams/acme/jobs/{waiting}/").content
        assert 'data-poll-ms="30000"' in page.decode()
        next_at = Snapshot.objects.get(job_id=waiting).next_at
        assert next_at is not None
        assert next_at > timezone.now() + timedelta(minutes=1)


class TestLivePart:
    def test_it_is_the_same_in_the_page_and_by_itself(self, as_bob: Client, start: Start) -> None:
        path = start("es-accepted")
        page, part = as_bob.get(path).content, poll(as_bob, path).content
        assert part.strip() in page

    def test_a_page_that_an_earlier_version_made_gets_the_part_of_this_one(
        self, as_bob: Client, start: Start, settings: Any
    ) -> None:
        path, now = start("es-accepted"), settings.VERSION
        as_bob.get(path)
        settings.VERSION = "0.9.9"
        old = tag_of(as_bob, path)
        assert poll(as_bob, path, old).status_code == 304
        settings.VERSION = now
        answer = poll(as_bob, path, old)
        assert answer.status_code == 200
        assert answer.content.startswith(b'<section id="job"')
        assert poll(as_bob, path, answer.headers["HX-PTag"]).status_code == 304

    def test_it_is_the_same_for_everybody(self, as_bob: Client, stage: Stage, start: Start) -> None:
        path, alice = start("es-accepted"), Client()
        as_bob.get(path)
        alice.force_login(stage.alice)
        assert poll(as_bob, path).content == poll(alice, path).content

    def test_unchanged_it_is_answered_without_a_body_by_three_queries(self, as_bob: Client, start: Start) -> None:
        path = start("es-accepted")
        as_bob.get(path)
        tag = tag_of(as_bob, path)
        with assertNumQueries(3):  # the session, the person, the small row
            answer = poll(as_bob, path, tag)
        assert (answer.status_code, answer.content) == (304, b"")
        head = sum(len(name) + len(value) + 4 for name, value in answer.items())
        assert head < 400
        assert "Content-Length" not in answer.headers  # with 304 it would tell the length of the answer there is

    def test_a_job_of_ten_megabytes_costs_a_poll_no_more(self, as_bob: Client, start: Start) -> None:
        path = start("large-10")
        assert_inert(as_bob.get(path).content)
        tag = tag_of(as_bob, path)
        with assertNumQueries(3):
            assert poll(as_bob, path, tag).status_code == 304

    def test_it_is_rendered_once_for_all_its_watchers(
        self, as_bob: Client, start: Start, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path, made = start("es-accepted"), []
        as_bob.get(path)
        live._rendered.clear()
        page = timeline.page
        monkeypatch.setattr(timeline, "page", lambda *given, **named: made.append(1) or page(*given, **named))
        with ThreadPoolExecutor(8) as watchers:
            parts = set(watchers.map(lambda _: poll(_again(as_bob), path).content, range(16)))
        as_bob.get(path)
        assert (len(parts), len(made)) == (1, 1)

    def test_changed_it_is_packed_once_and_asks_for_nothing_but_the_small_row(
        self, as_bob: Client, stage: Stage, start: Start
    ) -> None:
        path, packed = start("es-accepted"), {"Accept-Encoding": "gzip"}
        as_bob.get(path)
        plain = poll(as_bob, path)
        alice = Client(headers=packed)
        alice.force_login(stage.alice)
        with assertNumQueries(3):
            first = poll(alice, path)
        assert first.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in first.headers["Vary"]
        assert gzip.decompress(first.content) == plain.content
        assert poll(alice, path).content == first.content  # even its random padding

    def test_trouble_is_told_without_rendering_the_job_again(
        self, as_bob: Client, start: Start, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = start("es-stub", 0.01)
        as_bob.get(path)
        poll(as_bob, path)
        monkeypatch.setattr(timeline, "page", lambda *given, **named: pytest.fail("rendered again"))
        Snapshot.objects.update(
            trouble="stale", failures=3, failing_since=timezone.now(), next_at=timezone.now() + timedelta(minutes=1)
        )
        part = poll(as_bob, path).content
        assert b'id="trouble"' in part
        assert b"data-stale" in part

    def test_a_poll_of_a_job_nobody_has_seen_waits_for_nobody(
        self, as_bob: Client, start: Start, simulator: Simulator
    ) -> None:
        path = start("es-accepted")
        job_id = path.split("/")[-2]
        simulator.misbehave(job_id, "hang", 1)
        part = poll(as_bob, path).content
        assert b'data-outcome="unknown"' in part
        assert Snapshot.objects.get(job_id=UUID(job_id)).fetched_at is None
        simulator.misbehave(job_id, None)

    def test_each_language_has_its_own(self, as_bob: Client, start: Start) -> None:
        path = start("es-accepted")
        as_bob.get(path)
        english, spanish = (poll(as_bob, path, **{"Accept-Language": language}) for language in ("en", "es"))
        assert english.headers["HX-PTag"] != spanish.headers["HX-PTag"]
        assert english.content != spanish.content

    def test_signed_out_in_the_middle_of_a_watch_leads_to_the_login(self, as_bob: Client, start: Start) -> None:
        path = start("es-stub", 1.0)
        as_bob.get(path)
        as_bob.logout()
        answer = poll(as_bob, path)
        assert answer.headers["HX-Redirect"].startswith("/accounts/login/")
        assert answer.content == b""

    def test_going_back_in_history_gets_the_whole_page(self, as_bob: Client, start: Start) -> None:
        path = start("es-accepted")
        answer = poll(as_bob, path, **{"HX-History-Restore-Request": "true"})
        assert answer.content.startswith(b"<!doctype html>")


class TestRefreshByHand:
    def test_it_asks_again_at_most_once_in_five_seconds(
        self, as_bob: Client, start: Start, simulator: Simulator
    ) -> None:
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
    def test_what_is_tried_again_by_itself_is_not_to_be_run_again(
        self, as_bob: Client, start: Start, simulator: Simulator
    ) -> None:
        start("es-accepted")
        retried = next(job for _, job, seen in simulator.demo_jobs() if seen.startswith("Being tried again"))
        page = as_bob.get(f"/teams/acme/jobs/{retried}/").content.decode()
        assert 'data-outcome="retrying"' in page
        assert "do not start another run meanwhile" in page
        assert "Running it again helps" not in page

    def test_what_has_ended_takes_no_more_time(self, as_bob: Client, start: Start, simulator: Simulator) -> None:
        start("es-accepted")
        skipped = next(job for _, job, seen in simulator.demo_jobs() if "skipped the sending" in seen)
        page = as_bob.get(f"/teams/acme/jobs/{skipped}/").content.decode()
        assert "The earlier job tells how it was delivered." in page
        assert "it takes time" not in page

    def test_of_a_job_that_ended_nothing_is_yet_to_be_sent(
        self, as_bob: Client, start: Start, simulator: Simulator
    ) -> None:
        start("es-accepted")
        refused = next(job for _, job, seen in simulator.demo_jobs() if seen.startswith("Two faults, one cause"))
        page = as_bob.get(f"/teams/acme/jobs/{refused}/").content.decode()
        assert "Nothing was sent" in page
        assert "Nothing sent yet" not in page


class TestTwins:
    def test_status_json_says_what_scripts_need(self, as_bob: Client, start: Start) -> None:
        path = start("es-dead-webhook")
        said = as_bob.get(path + "status.json").json()
        assert set(said) == {
            "id", "outcome", "document", "faults", "failed_step", "fetched_at", "stale", "error", "completed_at",
        }  # fmt: skip
        assert (said["outcome"], said["document"], said["stale"], said["error"]) == (
            "completed_faults", "accepted", False, None,
        )  # fmt: skip
        assert said["faults"] > 0
        assert said["failed_step"]
        assert said["completed_at"]

    def test_job_json_is_what_the_api_sent(self, as_bob: Client, start: Start, simulator: Simulator) -> None:
        path = start("es-accepted")
        answer = as_bob.get(path + "job.json")
        assert answer.headers["Content-Type"] == "application/json"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert json.loads(answer.content)["id"] == path.split("/")[-2]

    def test_without_a_copy_they_say_why(self, as_bob: Client, stage: Stage, start: Start) -> None:
        unknown = "/teams/acme/jobs/01890c5e-7c1a-7d3e-9a44-000000000000/"
        start("es-accepted")
        page, said, body = (as_bob.get(unknown + view) for view in ("", "status.json", "job.json"))
        assert (page.status_code, said.status_code, body.status_code) == (404, 404, 404)
        assert (said.json()["error"], body.json()) == ("gone", {"error": "gone"})


def _again(person: Client) -> Client:
    again = Client()
    again.cookies = person.cookies
    return again
