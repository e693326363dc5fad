"""The engine under the live page: one request for many watchers, and nobody waits who has something to show."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone

from jobs import asking, breaker, encryption, snapshots, storing, tokens
from jobs.encryption import Secret
from jobs.invopop.client import Client
from jobs.models import Origin, Snapshot, SnapshotBody, Team, Token
from jobs.simulator.server import Simulator
from tests.conftest import Stage, give_token, set_stage

pytestmark = pytest.mark.django_db(transaction=True)
TROUBLE = Snapshot.Trouble


@pytest.fixture
def simulator(settings: Any) -> Iterator[Simulator]:
    """One of its own: what it is asked is counted."""
    with Simulator() as simulator:
        settings.INVOPOP_API_URL = simulator.url
        yield simulator


@pytest.fixture
def stage(transactional_db: None, simulator: Simulator) -> Stage:
    stage = set_stage()
    give_token(stage.acme, simulator)
    give_token(stage.elsewhere, simulator)
    return stage


@pytest.fixture
def team(stage: Stage) -> Team:
    return stage.acme


@pytest.fixture
def job_id(simulator: Simulator) -> UUID:
    """A job that has been running for a moment."""
    return UUID(simulator.start_job("es-stub"))


@pytest.fixture(autouse=True)
def threads_end(transactional_db: None) -> Iterator[None]:
    yield
    settle()


def settle() -> None:
    """Until nothing is being asked any more."""
    wait(list(asking._under_way.values()), timeout=15)


def look(team: Team, job_id: UUID) -> snapshots.Shown:
    return snapshots.look(team, job_id, timezone.now())


def make_due(job_id: UUID) -> Snapshot:
    Snapshot.objects.filter(job_id=job_id).update(next_at=timezone.now() - timedelta(seconds=1))
    return Snapshot.objects.get(job_id=job_id)


def poll(job_id: UUID) -> Snapshot:
    """A poll of a row that is due, and what it brought."""
    snapshots.peek(make_due(job_id), timezone.now())
    settle()
    return Snapshot.objects.get(job_id=job_id)


def by_hand(team: Team, job_id: UUID) -> None:
    """The refresh button, when the last asking is a while ago."""
    Snapshot.objects.filter(job_id=job_id).update(asked_at=timezone.now() - snapshots.MANUAL_PAUSE)
    snapshots.refresh(team, job_id, timezone.now())
    settle()


class TestTheFirstLook:
    def test_it_brings_the_job(self, team: Team, job_id: UUID) -> None:
        shown = look(team, job_id)
        assert shown.job is not None
        assert shown.job.id == str(job_id)
        assert shown.trouble is None
        assert shown.poll is not None

    def test_two_hundred_at_once_cost_one_request(self, team: Team, finished: UUID, simulator: Simulator) -> None:
        together = threading.Barrier(20)

        def open_page() -> None:
            together.wait()
            look(team, finished)
            connection.close()

        with ThreadPoolExecutor(20) as people:
            list(people.map(lambda _: open_page(), range(200)))
        assert simulator.requests.count(str(finished)) == 1

    def test_many_answers_at_once_are_stored_one_after_the_other(
        self, team: Team, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """SQLite lets one write and makes the others sleep, people's own requests among them."""
        still_ours, at_work, seen = storing._still_ours, threading.Semaphore(1), []

        def watched(*given: Any) -> Any:
            seen.append(at_work.acquire(blocking=False))
            transaction.on_commit(at_work.release)
            return still_ours(*given)

        monkeypatch.setattr(storing, "_still_ours", watched)
        jobs = [UUID(simulator.start_job("es-stub")) for _ in range(8)]
        snapshots.ask_side_by_side({job: [team] for job in jobs}, timezone.now(), 10)
        assert seen == [True] * 8

    def test_a_large_answer_is_read_while_others_write(
        self, team: Team, job_id: UUID, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """On SQLite a transaction keeps everybody from writing, people's look-ups as well."""
        parse, seen = storing.payload.parse, []

        def watched(body: bytes) -> Any:
            seen.append((storing.writing.locked(), connection.in_atomic_block))
            return parse(body)

        monkeypatch.setattr(storing.payload, "parse", watched)
        row = snapshots.look(team, job_id, timezone.now()).row
        assert row.fetched_at is not None
        assert set(seen) == {(False, False)}

    def test_two_teams_are_two_jobs(self, stage: Stage, job_id: UUID, simulator: Simulator) -> None:
        look(stage.acme, job_id)
        look(stage.elsewhere, job_id)
        assert simulator.requests.count(str(job_id)) == 2
        assert Snapshot.objects.filter(job_id=job_id).count() == 2

    def test_an_api_that_does_not_answer_leaves_a_notice(self, team: Team, job_id: UUID, settings: Any) -> None:
        settings.INVOPOP_API_URL = "http://127.0.0.1:9"
        shown = look(team, job_id)
        assert (shown.job, shown.trouble, shown.reason) == (None, TROUBLE.STALE, "no connection")
        assert shown.poll is not None

    def test_a_job_of_another_workspace_is_gone(self, team: Team) -> None:
        shown = look(team, uuid.uuid4())
        assert (shown.trouble, shown.poll) == (TROUBLE.GONE, None)

    def test_a_page_that_waits_takes_over_from_a_holder_that_died(
        self, team: Team, job_id: UUID, simulator: Simulator
    ) -> None:
        """Nobody else looks, and the lease runs out only while this page is waiting."""
        now = timezone.now()
        lease = {"lease": uuid.uuid4(), "lease_until": now + timedelta(seconds=0.3), "asked_at": now}
        Snapshot.objects.create(team=team, job_id=job_id, next_at=now, expires_at=now + timedelta(hours=1), **lease)
        assert look(team, job_id).job is not None
        assert simulator.requests.count(str(job_id)) == 1

    def test_a_mistake_of_ours_is_logged_and_leaves_nobody_waiting(
        self, team: Team, job_id: UUID, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        class Odd(Client):
            def job(self, job_id: Any) -> bytes:
                raise ZeroDivisionError

        monkeypatch.setattr(asking, "Client", Odd)
        shown = look(team, job_id)
        assert (shown.trouble, shown.reason) == (TROUBLE.REJECT, "not understood")
        assert "ZeroDivisionError" in caplog.text

    def test_without_a_token_nobody_is_asked(self, team: Team, job_id: UUID, simulator: Simulator) -> None:
        Token.objects.filter(team=team).update(in_use=False)
        assert look(Team.objects.get(pk=team.pk), job_id).trouble == TROUBLE.NO_TOKEN
        assert simulator.requests.count(str(job_id)) == 0

    def test_a_token_sealed_with_a_lost_key_is_never_sent(self, team: Team, job_id: UUID, simulator: Simulator) -> None:
        Token.objects.filter(team=team).update(sealed="1.0.lost")
        assert look(team, job_id).trouble == TROUBLE.TOKEN_UNREADABLE
        assert simulator.requests.count(str(job_id)) == 0


class TestLookingAgain:
    def test_what_is_fresh_is_given_without_asking(self, team: Team, job_id: UUID, simulator: Simulator) -> None:
        for _ in range(5):
            look(team, job_id)
        assert simulator.requests.count(str(job_id)) == 1

    def test_a_poll_of_what_is_due_answers_before_the_api_does(
        self, team: Team, job_id: UUID, simulator: Simulator
    ) -> None:
        look(team, job_id)
        simulator.misbehave(str(job_id), "hang")
        shown = snapshots.peek(make_due(job_id), timezone.now())
        assert shown.job is not None
        assert asking._under_way
        simulator.misbehave(str(job_id), None)

    def test_a_finished_job_is_not_asked_again(self, team: Team, simulator: Simulator, finished: UUID) -> None:
        assert look(team, finished).poll is None
        look(team, finished)
        assert simulator.requests.count(str(finished)) == 1

    def test_an_unchanged_job_keeps_its_version_and_its_body(self, team: Team, waiting: UUID) -> None:
        before = look(team, waiting).row
        sealed = bytes(SnapshotBody.objects.get(snapshot=before).sealed)
        after = poll(waiting)
        assert (after.version, after.fetched_at) == (before.version, before.fetched_at)
        assert after.checked_at is not None
        assert before.checked_at is not None
        assert after.checked_at > before.checked_at
        assert bytes(SnapshotBody.objects.get(snapshot=before).sealed) == sealed

    def test_a_lease_held_elsewhere_is_respected(self, team: Team, waiting: UUID, simulator: Simulator) -> None:
        look(team, waiting)
        Snapshot.objects.update(lease=uuid.uuid4(), lease_until=timezone.now() + timedelta(seconds=8))
        poll(waiting)
        assert simulator.requests.count(str(waiting)) == 1

    def test_a_holder_that_died_is_replaced(self, team: Team, waiting: UUID, simulator: Simulator) -> None:
        look(team, waiting)
        Snapshot.objects.update(lease=uuid.uuid4(), lease_until=timezone.now() - timedelta(seconds=1))
        poll(waiting)
        assert simulator.requests.count(str(waiting)) == 2
        assert timedelta(seconds=10) >= asking.LEASE

    def test_a_clock_that_was_set_back_holds_nothing_up(self, team: Team, waiting: UUID, simulator: Simulator) -> None:
        """Everything in the rows was written by the clock as it was an hour ahead."""
        look(team, waiting)
        ahead = timezone.now() + timedelta(hours=1)
        Snapshot.objects.update(
            next_at=ahead, lease=uuid.uuid4(), lease_until=ahead, asked_at=ahead, checked_at=ahead, fetched_at=ahead
        )
        Token.objects.update(throttled_until=ahead)
        for _ in range(breaker.FAILURES):
            breaker.failed(simulator.url, ahead)
        row = Snapshot.objects.get(job_id=waiting)
        snapshots.peek(row, timezone.now())
        settle()
        assert simulator.requests.count(str(waiting)) == 2
        row.refresh_from_db()
        assert (row.trouble, row.lease) == ("", None)

    def test_an_answer_that_comes_after_the_lease_was_lost_is_dropped(self, team: Team, waiting: UUID) -> None:
        look(team, waiting)
        row = asking._leased(make_due(waiting).pk, timezone.now())
        assert row is not None
        Snapshot.objects.update(lease=uuid.uuid4())
        storing.store(row, team.token, b'{"id":"late"}', timezone.now())  # type: ignore[arg-type]
        assert Snapshot.objects.get(job_id=waiting).version == row.version

    def test_an_answer_for_an_old_token_is_not_stored_under_the_new_one(self, team: Team, waiting: UUID) -> None:
        look(team, waiting)
        row = asking._leased(make_due(waiting).pk, timezone.now())
        old = team.token
        assert row is not None
        assert old is not None
        Token.objects.filter(pk=old.pk).update(in_use=False)
        storing.store(row, old, b'{"id":"of the old workspace"}', timezone.now())
        assert Snapshot.objects.get(job_id=waiting).version == row.version

    def test_a_new_token_drops_what_the_old_one_brought(self, team: Team, waiting: UUID) -> None:
        look(team, waiting)
        tokens.put_in_use(team, Secret("another"), None)
        assert not Snapshot.objects.filter(team=team).exists()


class TestByHand:
    def test_it_asks_at_most_once_in_five_seconds(self, team: Team, finished: UUID, simulator: Simulator) -> None:
        look(team, finished)
        for _ in range(5):
            snapshots.refresh(team, finished, timezone.now())
            settle()
        assert simulator.requests.count(str(finished)) == 1
        by_hand(team, finished)
        assert simulator.requests.count(str(finished)) == 2

    def test_many_who_press_the_button_at_once_cost_one_request(
        self, team: Team, finished: UUID, simulator: Simulator
    ) -> None:
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
    def test_one_failure_is_nobodys_concern_and_two_are(
        self, simulator: Simulator, waiting: UUID, behaviour: str, trouble: str
    ) -> None:
        simulator.misbehave(str(waiting), behaviour)
        once = snapshots.Shown(poll(waiting), timezone.now())
        assert (once.trouble, once.row.failures) == (None, 1)
        twice = snapshots.Shown(poll(waiting), timezone.now())
        assert (twice.trouble, twice.row.failures) == (trouble, 2)
        assert twice.job is not None
        assert twice.poll is not None

    def test_a_refused_token_stops_the_asking_for_the_whole_team(
        self, team: Team, simulator: Simulator, waiting: UUID, job_id: UUID
    ) -> None:
        simulator.misbehave(str(waiting), "401")
        shown = snapshots.Shown(poll(waiting), timezone.now())
        assert (shown.trouble, shown.poll) == (TROUBLE.AUTH, None)
        assert shown.job is not None
        assert look(Team.objects.get(pk=team.pk), job_id).trouble == TROUBLE.AUTH
        assert simulator.requests.count(str(job_id)) == 0

    def test_a_refused_token_is_told_of_once(
        self, team: Team, simulator: Simulator, waiting: UUID, finished: UUID, caplog: pytest.LogCaptureFixture
    ) -> None:
        simulator.misbehave("/jobs/", "401")
        poll(waiting)
        look(team, finished)
        Snapshot.objects.update(next_at=timezone.now())
        look(team, waiting)
        settle()
        assert [record.getMessage() for record in caplog.records if record.name == "jobs.storing"] == [
            "the API refuses the token of team acme; nothing is asked until it has another"
        ]

    def test_a_refused_token_is_tried_again_by_hand(self, team: Team, simulator: Simulator, waiting: UUID) -> None:
        simulator.misbehave(str(waiting), "401", times=1)
        poll(waiting)
        by_hand(team, waiting)
        assert snapshots.Shown(Snapshot.objects.get(job_id=waiting), timezone.now()).trouble is None

    def test_a_request_to_slow_down_is_kept_by_the_whole_team(
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

    def test_a_shorter_request_to_slow_down_does_not_end_a_longer_one(
        self, team: Team, simulator: Simulator, waiting: UUID
    ) -> None:
        """Two answers to two jobs that were asked for at once."""
        now = timezone.now()
        for seconds in (90, 3):
            row = asking._leased(make_due(waiting).pk, timezone.now())
            assert row is not None
            until = now + timedelta(seconds=seconds)
            storing.store_failure(row, team.token, asking._throttled("http 429", until), timezone.now())
        assert Token.objects.get(team=team, in_use=True).throttled_until == now + timedelta(seconds=90)

    def test_an_old_copy_is_called_old_with_the_first_failure(self, simulator: Simulator, waiting: UUID) -> None:
        """Nobody has looked for hours; whoever opens the page now is not told that all is well."""
        Snapshot.objects.update(checked_at=timezone.now() - timedelta(hours=3))
        simulator.misbehave(str(waiting), "503")
        shown = snapshots.Shown(poll(waiting), timezone.now())
        assert (shown.trouble, shown.row.failures) == (TROUBLE.STALE, 1)

    def test_a_hint_in_the_middle_of_an_attempt_is_not_lost(
        self, team: Team, simulator: Simulator, waiting: UUID
    ) -> None:
        """What it announced may be newer than the answer that is on its way."""
        row = asking._leased(make_due(waiting).pk, timezone.now())
        assert row is not None
        now = timezone.now()
        snapshots.mark_due(team, waiting, now)
        storing.store(
            row, team.token, b'{"id":"%s","completed_at":"2026-03-02T09:15:02Z"}' % str(waiting).encode(), now
        )  # type: ignore[arg-type]
        after = Snapshot.objects.get(job_id=waiting)
        assert after.is_finished
        assert after.next_at is not None
        assert after.next_at <= now + snapshots.HINT_PAUSE

    def test_the_next_good_answer_ends_it(self, simulator: Simulator, waiting: UUID) -> None:
        simulator.misbehave(str(waiting), "503", times=3)
        for _ in range(3):
            poll(waiting)
        row = poll(waiting)
        assert (row.trouble, row.failures, row.failing_since, row.retry_at) == ("", 0, None, None)

    def test_a_job_that_vanished_keeps_its_copy(self, simulator: Simulator, waiting: UUID) -> None:
        simulator.misbehave(str(waiting), "404")
        shown = snapshots.Shown(poll(waiting), timezone.now())
        assert (shown.trouble, shown.poll) == (TROUBLE.GONE, None)
        assert shown.job is not None

    def test_a_lagging_replica_does_not_take_us_back(self, team: Team, waiting: UUID) -> None:
        row = asking._leased(make_due(waiting).pk, timezone.now())
        assert row is not None
        old = b'{"id":"%s","updated_at":"2001-01-01T00:00:00Z","tags":["old"]}' % str(waiting).encode()
        storing.store(row, team.token, old, timezone.now())  # type: ignore[arg-type]
        after = Snapshot.objects.get(job_id=waiting)
        assert (after.version, after.outcome, after.trouble) == (row.version, row.outcome, "")


class TestTheBreaker:
    URL = "http://api.invalid"

    def test_it_opens_after_failures_in_a_row_and_lets_one_through(self) -> None:
        now = timezone.now()
        for _ in range(breaker.FAILURES):
            assert breaker.may_ask(self.URL, now)
            breaker.failed(self.URL, now)
        assert not breaker.may_ask(self.URL, now)
        later = now + breaker.PAUSE
        assert [breaker.may_ask(self.URL, later) for _ in range(3)] == [True, False, False]

    def test_one_answer_closes_it(self) -> None:
        now = timezone.now()
        for _ in range(breaker.FAILURES):
            breaker.failed(self.URL, now)
        breaker.answered(self.URL)
        assert breaker.may_ask(self.URL, now)
        assert Origin.objects.get().failures == 0

    def test_while_it_is_open_every_job_asks_again_soon_and_costs_nothing(
        self, team: Team, waiting: UUID, simulator: Simulator
    ) -> None:
        look(team, waiting)
        Origin.objects.create(url=simulator.url, failures=breaker.FAILURES, closed_until=timezone.now() + breaker.PAUSE)
        row = poll(waiting)
        assert (row.trouble, row.reason) == (TROUBLE.STALE, "api down")
        assert row.next_at is not None
        assert breaker.PAUSE / 2 < row.next_at - timezone.now() <= breaker.PAUSE * 1.5
        assert simulator.requests.count(str(waiting)) == 1

    def test_who_finds_the_api_back_calls_those_that_would_have_waited_longer(
        self, team: Team, waiting: UUID, job_id: UUID, simulator: Simulator
    ) -> None:
        look(team, waiting)
        look(team, job_id)
        now = timezone.now()
        late = {"trouble": TROUBLE.STALE, "failures": 9, "next_at": now + timedelta(seconds=45)}
        Snapshot.objects.filter(job_id=job_id).update(**late)
        Origin.objects.create(url=simulator.url, failures=breaker.FAILURES, closed_until=now)
        assert poll(waiting).trouble == ""
        next_at = Snapshot.objects.get(job_id=job_id).next_at
        assert next_at is not None
        assert next_at <= timezone.now() + asking.BACK_WITHIN


class TestWhatIsStored:
    def test_the_body_is_neither_in_clear_nor_readable_elsewhere(self, team: Team, waiting: UUID) -> None:
        row = look(team, waiting).row
        sealed = bytes(SnapshotBody.objects.get(snapshot=row).sealed)
        assert str(waiting).encode() not in sealed
        with pytest.raises(encryption.Unreadable):
            encryption.unseal_bytes(sealed, "body:0:0")

    def test_the_token_is_redacted_from_what_the_api_sends_back(self) -> None:
        secret = Secret("a.secret-token/with+signs")
        body = (
            b"raw a.secret-token/with+signs b64 YS5zZWNyZXQtdG9rZW4vd2l0aCtzaWducw== url a.secret-token%2Fwith%2Bsigns"
        )
        assert asking.redacted(body, secret) == b"raw [redacted] b64 [redacted] url [redacted]"

    @pytest.mark.parametrize(
        "odd",
        [
            b'"x":NaN',
            b'"x":' + b"9" * 5000,
            b'"status":"\\ud800"',
            b'"key":"a\\u0000b"',
            b'"x":' + b"[" * 100_000 + b"]" * 100_000,
        ],
        ids=["NaN", "5000 digits", "lone surrogate", "NUL", "deep"],
    )
    def test_odd_content_is_kept_and_read_back(self, team: Team, waiting: UUID, odd: bytes) -> None:
        look(team, waiting)
        row = asking._leased(make_due(waiting).pk, timezone.now())
        assert row is not None
        body = b'{"id":"%s",' % str(waiting).encode() + odd + b"}"
        storing.store(row, team.token, body, timezone.now())  # type: ignore[arg-type]
        shown = snapshots.known(team, waiting, timezone.now())
        assert shown is not None
        assert shown.body == body
        assert shown.job is not None


@pytest.fixture
def finished(simulator: Simulator) -> UUID:
    return story(simulator, lambda body: "completed_at" in body)


@pytest.fixture
def waiting(simulator: Simulator) -> UUID:
    return story(simulator, lambda body: body.get("status") == "QUEUED")


def story(simulator: Simulator, wanted: Callable[[dict[str, Any]], bool]) -> UUID:
    client = Client(simulator.url, Secret(simulator.tokens["es-live"]))
    for _, job_id, _ in simulator.demo_jobs():
        if wanted(json.loads(client.job(job_id))):
            simulator.requests.clear()
            return UUID(job_id)
    raise LookupError
