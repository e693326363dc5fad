"""Webhooks: who may send them, what they do, and what they can never do."""

import json
import logging
import uuid
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from jobs.models import JobToRead, Snapshot, WebhookSecret
from jobs.records import sweep
from jobs.simulator.server import Simulator
from jobs.teams import webhook_secrets
from jobs.upstream import snapshots, telemetry
from tests.conftest import Stage, give_token, set_stage
from tests.upstream.viewing import settle

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "/hooks/acme/"


@pytest.fixture
def stage(transactional_db: None) -> Stage:
    return set_stage()


@pytest.fixture
def secret(stage: Stage) -> str:
    return webhook_secrets.make(stage.acme, stage.alice, timezone.now()).reveal()


@pytest.fixture
def anyone() -> Client:
    return Client(enforce_csrf_checks=True)


def report(client: Client, secret: str, body: object = None, address: str = ADDRESS) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body or {})
    return client.post(address, data, content_type="application/json", headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def watched(stage: Stage, shared_simulator: Simulator, settings: Any) -> UUID:
    """A job that is running, looked at a moment ago and due in a while."""
    settings.INVOPOP_API_URL = shared_simulator.url
    give_token(stage.acme, shared_simulator)
    job_id = UUID(shared_simulator.start_job("es-stub"))
    snapshots.for_page(stage.acme, job_id, timezone.now())
    settle()
    Snapshot.objects.update(next_at=timezone.now() + timedelta(hours=1), asked_at=timezone.now() - timedelta(minutes=1))
    shared_simulator.requests.clear()
    return job_id


class TestWebhook:
    def test_a_webhook_triggers_a_refresh_at_once(
        self, anyone: Client, secret: str, watched: UUID, shared_simulator: Simulator
    ) -> None:
        answer = report(
            anyone, secret, {"id": "x", "event": "done", "transform_job_id": str(watched), "args": {"a": 1}}
        )
        settle()
        assert (answer.status_code, answer.content) == (204, b"")
        assert shared_simulator.requests.count(str(watched)) == 1

    def test_its_body_is_never_used_as_data(
        self, anyone: Client, secret: str, watched: UUID, shared_simulator: Simulator
    ) -> None:
        before = Snapshot.objects.get()
        report(
            anyone,
            secret,
            {"transform_job_id": str(watched), "status": "KO", "faults": [{"message": "<b>invented</b>"}]},
        )
        settle()
        assert Snapshot.objects.get().faults == before.faults == 0

    def test_an_unviewed_job_leaves_no_row(self, anyone: Client, secret: str) -> None:
        assert report(anyone, secret, {"transform_job_id": str(uuid.uuid4())}).status_code == 204
        assert not Snapshot.objects.exists()

    def test_a_job_of_another_team_is_not_touched(
        self, anyone: Client, stage: Stage, watched: UUID, shared_simulator: Simulator
    ) -> None:
        theirs = webhook_secrets.make(stage.elsewhere, stage.charlie, timezone.now()).reveal()
        answer = report(anyone, theirs, {"transform_job_id": str(watched)}, "/hooks/elsewhere/")
        settle()
        assert answer.status_code == 204
        assert shared_simulator.requests.count(str(watched)) == 0

    def test_fifty_replays_cost_a_few_requests_at_most(
        self, anyone: Client, secret: str, watched: UUID, shared_simulator: Simulator
    ) -> None:
        for _ in range(50):
            assert report(anyone, secret, {"transform_job_id": str(watched)}).status_code == 204
        settle()
        assert shared_simulator.requests.count(str(watched)) <= 3

    def test_a_finished_job_is_not_requested_again(
        self, anyone: Client, secret: str, watched: UUID, shared_simulator: Simulator
    ) -> None:
        Snapshot.objects.update(is_finished=True, next_at=None)
        report(anyone, secret, {"transform_job_id": str(watched)})
        settle()
        assert shared_simulator.requests.count(str(watched)) == 0

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"not json",
            b"[1]",
            b"null",
            b"\xff\xfe",
            b'{"transform_job_id": 7}',
            b'{"transform_job_id": "x"}',
            b"[" * 60_000,
        ],
    )
    def test_an_unreadable_body_is_accepted(self, anyone: Client, secret: str, body: bytes) -> None:
        assert report(anyone, secret, body).status_code == 204

    def test_more_than_64_kb_is_not_read(self, anyone: Client, secret: str) -> None:
        assert report(anyone, secret, b" " * (64 * 1024)).status_code == 204
        assert report(anyone, secret, b" " * (64 * 1024 + 1)).status_code == 413

    def test_the_time_of_the_last_webhook_is_stored(self, anyone: Client, secret: str) -> None:
        assert WebhookSecret.objects.get().heard_at is None
        report(anyone, secret)
        assert WebhookSecret.objects.get().heard_at is not None

    def test_a_flood_of_unknown_jobs_is_accepted_and_bounded(
        self, anyone: Client, secret: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Accepted, because a refused webhook becomes a fault of the job."""
        monkeypatch.setattr(sweep, "MOST_UNLISTED", 3)
        told: list[str] = []
        monkeypatch.setattr(telemetry, "_listeners", [lambda name, *_: told.append(name)])
        answers = [report(anyone, secret, {"transform_job_id": str(uuid.uuid4())}) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [204, 204, 204, 200, 200]
        assert b"Too many unknown jobs" in answers[-1].content
        assert JobToRead.objects.count() == 3
        assert told == ["webhooks_unqueued"] * 2

    def test_a_full_queue_still_refreshes_an_open_page(
        self, anyone: Client, secret: str, watched: UUID, shared_simulator: Simulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sweep, "MOST_UNLISTED", 1)
        report(anyone, secret, {"transform_job_id": str(uuid.uuid4())})
        assert report(anyone, secret, {"transform_job_id": str(watched)}).status_code == 204
        settle()
        assert shared_simulator.requests.count(str(watched)) == 1

    def test_it_costs_few_queries(self, anyone: Client, secret: str, django_assert_max_num_queries: Any) -> None:
        with django_assert_max_num_queries(9):  # six of them have the job read in the background
            report(anyone, secret, {"transform_job_id": str(uuid.uuid4())})


class TestAuthorisation:
    @pytest.mark.parametrize("shown", ["", "wrong", "hook_" + "A" * 43, "ünïcödé"])
    def test_a_missing_secret_is_refused(self, anyone: Client, secret: str, shown: str) -> None:
        assert report(anyone, shown.encode().decode("latin-1")).status_code == 401

    def test_an_unknown_team_answers_like_a_wrong_secret(self, anyone: Client, secret: str) -> None:
        wrong, unknown, unset = (
            report(anyone, shown, address=f"/hooks/{slug}/")
            for shown, slug in (("wrong", "acme"), (secret, "nobody"), (secret, "elsewhere"))
        )
        assert wrong.status_code == unknown.status_code == unset.status_code == 401
        assert wrong.content == unknown.content == unset.content
        for answer in (wrong, unknown, unset):
            del answer.headers["X-Request-ID"]
        assert wrong.headers == unknown.headers == unset.headers

    def test_another_scheme_or_the_query_string_is_refused(self, anyone: Client, secret: str) -> None:
        assert anyone.post(ADDRESS, headers={"Authorization": f"Basic {secret}"}).status_code == 401
        assert anyone.post(f"{ADDRESS}?token={secret}").status_code == 401

    def test_only_post_is_allowed(self, anyone: Client, secret: str) -> None:
        assert anyone.get(ADDRESS, headers={"Authorization": f"Bearer {secret}"}).status_code == 405

    def test_the_secret_is_in_no_log_and_no_row(
        self, anyone: Client, secret: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        report(anyone, secret)
        report(anyone, secret + "x")
        assert secret not in caplog.text
        assert secret not in str(WebhookSecret.objects.values())


class TestSecret:
    def page(self, client: Client, **typed: str) -> Any:
        return client.post("/teams/acme/settings/webhook/", typed)

    def test_a_manager_creates_one_and_sees_it_once(self, stage: Stage, as_alice: Client, anyone: Client) -> None:
        page = self.page(as_alice)
        shown = page.context["secret"]
        assert page.status_code == 200
        assert shown in page.content.decode()
        assert "no-store" in page.headers["Cache-Control"]
        assert report(anyone, shown).status_code == 204
        assert shown not in as_alice.get("/teams/acme/settings/").content.decode()

    def test_a_viewer_cannot_create_one(self, as_bob: Client) -> None:
        assert self.page(as_bob).status_code == 404
        assert not WebhookSecret.objects.exists()

    def test_an_outsider_cannot_create_one(self, as_charlie: Client) -> None:
        assert self.page(as_charlie).status_code == 404

    def test_removing_it_ends_current_and_previous(
        self, stage: Stage, as_alice: Client, secret: str, anyone: Client
    ) -> None:
        new = webhook_secrets.make(stage.acme, stage.alice, timezone.now()).reveal()
        assert self.page(as_alice, remove="1", confirmed="yes").status_code == 302
        assert [report(anyone, each).status_code for each in (secret, new)] == [401, 401]
