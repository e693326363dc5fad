"""The data behind the live page: one request for many watchers, and no waiting if there is a copy."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from jobs.encryption import Secret
from jobs.models import Snapshot, Team, Token
from jobs.simulator.server import Simulator
from jobs.teams import api_tokens
from jobs.upstream import attempt, lease, refresh, snapshots, store
from tests.conftest import Stage
from tests.upstream.viewing import TROUBLE, by_hand, look, make_due, poll, settle

pytestmark = pytest.mark.django_db(transaction=True)


class TestFirstView:
    def test_the_job_is_fetched(self, team: Team, job_id: UUID) -> None:
        shown = look(team, job_id)
        assert shown.job is not None
        assert shown.job.id == str(job_id)
        assert shown.trouble is None
        assert shown.poll is not None

    def test_each_team_has_its_own_job(self, stage: Stage, job_id: UUID, simulator: Simulator) -> None:
        look(stage.acme, job_id)
        look(stage.elsewhere, job_id)
        assert simulator.requests.count(str(job_id)) == 2
        assert Snapshot.objects.filter(job_id=job_id).count() == 2

    def test_an_unreachable_api_leaves_a_notice(self, team: Team, job_id: UUID, settings: Any) -> None:
        settings.INVOPOP_API_URL = "http://127.0.0.1:9"
        shown = look(team, job_id)
        assert (shown.job, shown.trouble, shown.row.reason) == (None, TROUBLE.STALE, "no connection")
        assert shown.poll is not None

    def test_a_job_of_another_workspace_is_gone(self, team: Team) -> None:
        shown = look(team, uuid.uuid4())
        assert (shown.trouble, shown.poll) == (TROUBLE.GONE, None)


class TestLaterViews:
    def test_a_fresh_copy_is_returned_without_a_request(self, team: Team, job_id: UUID, simulator: Simulator) -> None:
        for _ in range(5):
            look(team, job_id)
        assert simulator.requests.count(str(job_id)) == 1

    def test_a_poll_answers_before_the_refresh_ends(self, team: Team, job_id: UUID, simulator: Simulator) -> None:
        look(team, job_id)
        simulator.misbehave(str(job_id), "hang")
        shown = snapshots.from_row(make_due(job_id), timezone.now())
        assert shown.job is not None
        assert refresh._under_way
        simulator.misbehave(str(job_id), None)

    def test_a_finished_job_is_not_requested_again(self, team: Team, simulator: Simulator, finished: UUID) -> None:
        assert look(team, finished).poll is None
        look(team, finished)
        assert simulator.requests.count(str(finished)) == 1

    def test_a_new_token_drops_the_copies_of_the_old_one(self, team: Team, waiting: UUID) -> None:
        look(team, waiting)
        api_tokens.put_in_use(team, Secret("another"), None)
        assert not Snapshot.objects.filter(team=team).exists()


class TestManualRefresh:
    def test_it_requests_at_most_once_in_five_seconds(self, team: Team, finished: UUID, simulator: Simulator) -> None:
        look(team, finished)
        for _ in range(5):
            snapshots.refresh(team, finished, timezone.now())
            settle()
        assert simulator.requests.count(str(finished)) == 1
        by_hand(team, finished)
        assert simulator.requests.count(str(finished)) == 2

    def test_concurrent_refreshes_cost_one_request(self, team: Team, finished: UUID, simulator: Simulator) -> None:
        look(team, finished)
        Snapshot.objects.update(asked_at=timezone.now() - snapshots.MANUAL_PAUSE)
        together = threading.Barrier(10)

        def press(_: int) -> None:
            together.wait()
            snapshots.refresh(team, finished, timezone.now())
            settle()
            connection.close()

        with ThreadPoolExecutor(10) as people:
            list(people.map(press, range(10)))
        assert simulator.requests.count(str(finished)) == 2


class TestTrouble:
    @pytest.fixture(autouse=True)
    def a_good_copy(self, team: Team, waiting: UUID) -> None:
        assert look(team, waiting).has_copy

    @pytest.mark.parametrize(
        ("behaviour", "trouble"), [("503", TROUBLE.STALE), ("html", TROUBLE.REJECT), ("reset", TROUBLE.STALE)]
    )
    def test_one_failure_is_not_shown_and_two_are(
        self, simulator: Simulator, waiting: UUID, behaviour: str, trouble: str
    ) -> None:
        simulator.misbehave(str(waiting), behaviour)
        once = snapshots.SnapshotView(poll(waiting), timezone.now())
        assert (once.trouble, once.row.failures) == (None, 1)
        twice = snapshots.SnapshotView(poll(waiting), timezone.now())
        assert (twice.trouble, twice.row.failures) == (trouble, 2)
        assert twice.job is not None
        assert twice.poll is not None

    def test_a_refused_token_stops_requests_for_the_whole_team(
        self, team: Team, simulator: Simulator, waiting: UUID, job_id: UUID
    ) -> None:
        simulator.misbehave(str(waiting), "401")
        shown = snapshots.SnapshotView(poll(waiting), timezone.now())
        assert (shown.trouble, shown.poll) == (TROUBLE.AUTH, None)
        assert shown.job is not None
        assert look(Team.objects.get(pk=team.pk), job_id).trouble == TROUBLE.AUTH
        assert simulator.requests.count(str(job_id)) == 0

    def test_a_refused_token_is_reported_once(
        self, team: Team, simulator: Simulator, waiting: UUID, finished: UUID, caplog: pytest.LogCaptureFixture
    ) -> None:
        simulator.misbehave("/jobs/", "401")
        poll(waiting)
        look(team, finished)
        Snapshot.objects.update(next_at=timezone.now())
        look(team, waiting)
        settle()
        assert [record.getMessage() for record in caplog.records if record.name == "jobs.upstream.store"] == [
            "the API refuses the token of team acme; no more requests until it has another"
        ]

    def test_a_refused_token_is_retried_manually(self, team: Team, simulator: Simulator, waiting: UUID) -> None:
        simulator.misbehave(str(waiting), "401", times=1)
        poll(waiting)
        by_hand(team, waiting)
        assert snapshots.SnapshotView(Snapshot.objects.get(job_id=waiting), timezone.now()).trouble is None

    def test_throttling_applies_to_the_whole_team(
        self, team: Team, simulator: Simulator, waiting: UUID, job_id: UUID
    ) -> None:
        simulator.misbehave(str(waiting), "429:7")
        row = poll(waiting)
        assert (row.trouble, row.retry_at is not None) == (TROUBLE.THROTTLE, True)
        assert row.next_at is not None
        assert row.retry_at is not None
        assert row.next_at > row.retry_at
        assert look(Team.objects.get(pk=team.pk), job_id).trouble == TROUBLE.THROTTLE
        by_hand(team, waiting)
        assert simulator.requests.count(str(waiting)) == 2
        assert simulator.requests.count(str(job_id)) == 0

    def test_a_shorter_throttle_does_not_end_a_longer_one(
        self, team: Team, simulator: Simulator, waiting: UUID
    ) -> None:
        """Two answers to two jobs that were asked for at once."""
        now = timezone.now()
        for seconds in (90, 3):
            row = lease.take(make_due(waiting).pk, timezone.now())
            assert row is not None
            until = now + timedelta(seconds=seconds)
            store.store_failure(row, team.token, attempt.throttled("http 429", until), timezone.now())
        assert Token.objects.get(team=team, in_use=True).throttled_until == now + timedelta(seconds=90)

    def test_an_old_copy_is_called_stale_with_the_first_failure(self, simulator: Simulator, waiting: UUID) -> None:
        """After hours without a viewer, a page must not present the old copy as current."""
        Snapshot.objects.update(checked_at=timezone.now() - timedelta(hours=3))
        simulator.misbehave(str(waiting), "503")
        shown = snapshots.SnapshotView(poll(waiting), timezone.now())
        assert (shown.trouble, shown.row.failures) == (TROUBLE.STALE, 1)

    def test_a_webhook_during_an_attempt_is_not_lost(self, team: Team, simulator: Simulator, waiting: UUID) -> None:
        """It may announce something newer than the response of the running request."""
        row = lease.take(make_due(waiting).pk, timezone.now())
        assert row is not None
        now = timezone.now()
        snapshots.mark_due(team, waiting, now)
        store.store(row, team.token, b'{"id":"%s","completed_at":"2026-03-02T09:15:02Z"}' % str(waiting).encode(), now)  # type: ignore[arg-type]
        after = Snapshot.objects.get(job_id=waiting)
        assert after.is_finished
        assert after.next_at is not None
        assert after.next_at <= now + snapshots.HINT_PAUSE

    def test_the_next_good_response_clears_it(self, simulator: Simulator, waiting: UUID) -> None:
        simulator.misbehave(str(waiting), "503", times=3)
        for _ in range(3):
            poll(waiting)
        row = poll(waiting)
        assert (row.trouble, row.failures, row.failing_since, row.retry_at) == ("", 0, None, None)

    def test_a_vanished_job_keeps_its_copy(self, simulator: Simulator, waiting: UUID) -> None:
        simulator.misbehave(str(waiting), "404")
        shown = snapshots.SnapshotView(poll(waiting), timezone.now())
        assert (shown.trouble, shown.poll) == (TROUBLE.GONE, None)
        assert shown.job is not None

    def test_a_lagging_replica_is_ignored(self, team: Team, waiting: UUID) -> None:
        row = lease.take(make_due(waiting).pk, timezone.now())
        assert row is not None
        old = b'{"id":"%s","updated_at":"2001-01-01T00:00:00Z","tags":["old"]}' % str(waiting).encode()
        store.store(row, team.token, old, timezone.now())  # type: ignore[arg-type]
        after = Snapshot.objects.get(job_id=waiting)
        assert (after.version, after.outcome, after.trouble) == (row.version, row.outcome, "")
