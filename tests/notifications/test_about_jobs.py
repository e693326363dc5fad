"""Which events are news, for whom, in which wording; from real responses of the simulated API."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.utils import timezone

from jobs.models import Channel, Follow, JobRecord, Message, Rule, Snapshot
from jobs.models.background import Work
from jobs.notifications import about_jobs, channels, follows, outbox, rules, wording
from jobs.simulator.server import Simulator
from jobs.upstream import snapshots
from tests.conftest import Stage, give_token
from tests.notifications.conftest import Make
from tests.notifications.receiver import Mailbox, Receiver
from tests.upstream.test_snapshots import settle

Start = Callable[..., UUID]


@pytest.fixture
def start(stage: Stage, simulator: Simulator) -> Start:
    """Starts a job of a story; without a speed it ends at once."""
    give_token(stage.acme, simulator)

    def started(name: str, speed: float = 1e8) -> UUID:
        return UUID(simulator.start_job(name, speed=speed))

    return started


def look(stage: Stage, job_id: UUID) -> Snapshot:
    """Refreshes the job, like the worker."""
    Snapshot.objects.filter(job_id=job_id).update(next_at=timezone.now())
    snapshots.for_page(stage.acme, job_id, timezone.now())
    settle()
    return Snapshot.objects.get(job_id=job_id)


def fresh(stage: Stage, job_id: UUID) -> None:
    """A row without a first response."""
    Snapshot.objects.create(
        team=stage.acme, job_id=job_id, next_at=timezone.now(), expires_at=timezone.now() + timedelta(hours=1)
    )


@pytest.fixture
def verified(stage: Stage) -> None:
    EmailAddress.objects.create(user=stage.bob, email="bob@example.com", verified=True, primary=True)


def follow(stage: Stage, job_id: UUID, channel: Channel | None = None, language: str = "en") -> Follow:
    begun = follows.start(stage.acme, job_id, timezone.now(), stage.bob, language, channel=channel)
    assert begun is not None
    return begun


def texts(receiver: Receiver) -> list[str]:
    return [each.body.decode() for each in receiver.received]


class TestFollowing:
    def test_a_channel_is_notified_of_the_end_in_the_pages_words(
        self, stage: Stage, start: Start, make: Make, receiver: Receiver, as_bob: Any
    ) -> None:
        job_id, channel = start("es-dead-webhook"), make()
        follow(stage, job_id, channel)
        assert look(stage, job_id).is_finished
        outbox.deliver_due()
        (text,) = texts(receiver)
        assert "Completed with 1 fault" in text
        assert f"http://testserver/teams/acme/jobs/{job_id}/" in text
        assert Follow.objects.get().ended_at is not None
        page = as_bob.get(f"/teams/acme/jobs/{job_id}/").content.decode()
        assert "Completed with 1 fault" in page

    def test_a_person_is_mailed_in_their_language(
        self, stage: Stage, start: Start, verified: None, mailbox: Mailbox
    ) -> None:
        job_id = start("es-dead-webhook")
        follow(stage, job_id, language="es")
        look(stage, job_id)
        outbox.deliver_due()
        mail = mailbox.mails[0]
        assert mail["To"] == "bob@example.com"
        assert "Completado" in mail["Subject"] or "error" in mail["Subject"]
        plain, rich = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
        assert str(job_id) in plain
        assert str(job_id) in rich
        assert 'lang="es"' in rich
        assert "color-scheme" in rich
        assert mail["List-Unsubscribe"]

    def test_no_document_data_is_sent_without_permission(
        self, stage: Stage, start: Start, make: Make, receiver: Receiver
    ) -> None:
        closed, open_ = make(), make("webhook", with_document=True)
        job_id = start("es-dead-webhook")
        follow(stage, job_id, closed)
        follow(stage, job_id, open_)
        look(stage, job_id)
        outbox.deliver_due()
        record = JobRecord.objects.get(job_id=job_id)
        from jobs.records import identities

        customer = identities.opened(record).customer
        assert customer
        without, whole = sorted(texts(receiver), key=lambda text: customer in text)
        assert customer not in without
        assert "“" not in without
        assert customer in whole

    def test_the_end_is_sent_once_whatever_is_stored_later(self, stage: Stage, start: Start, make: Make) -> None:
        job_id = start("es-accepted")
        follow(stage, job_id, make())
        look(stage, job_id)
        for _ in range(3):
            about_jobs.notify_overdue_and_ended(timezone.now())
            look(stage, job_id)
        assert Message.objects.count() == 1

    def test_a_job_that_ended_while_following_began_is_sent(self, stage: Stage, start: Start, make: Make) -> None:
        job_id = start("es-accepted")
        look(stage, job_id)
        follow(stage, job_id, make())
        about_jobs.notify_overdue_and_ended(timezone.now())
        assert Message.objects.get().event == "ended"

    def test_an_overdue_job_is_sent_once(self, stage: Stage, start: Start, make: Make) -> None:
        job_id = start("es-stub", 1.0)
        follow(stage, job_id, make())
        row = look(stage, job_id)
        assert not row.is_finished
        about_jobs.notify_overdue_and_ended(timezone.now())
        assert not Message.objects.exists()
        Snapshot.objects.update(overdue_at=timezone.now())
        for _ in range(2):
            about_jobs.notify_overdue_and_ended(timezone.now())
        assert Message.objects.get().event == "overdue"

    def test_a_state_shown_when_following_began_is_not_sent(self, stage: Stage, start: Start, make: Make) -> None:
        job_id = start("es-stub", 1.0)
        look(stage, job_id)
        Snapshot.objects.update(overdue_at=timezone.now(), outcome="failing", faults=1)
        assert follow(stage, job_id, make()).known == "failed,overdue"
        about_jobs.notify_overdue_and_ended(timezone.now())
        assert not Message.objects.exists()

    def test_unfollowing_cancels_unsent_messages(self, stage: Stage, start: Start, make: Make) -> None:
        job_id, channel = start("es-accepted"), make()
        follow(stage, job_id, channel)
        look(stage, job_id)
        follows.stop(stage.acme, job_id, channel=channel)
        assert not Message.objects.exists()

    def test_the_number_of_follows_is_limited(self, stage: Stage, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(follows, "MOST", 1)
        channel = make()
        assert follows.start(stage.acme, UUID(int=1), timezone.now(), stage.bob, "en", channel=channel)
        assert follows.start(stage.acme, UUID(int=2), timezone.now(), stage.bob, "en", channel=channel) is None


class TestReading:
    def test_a_followed_job_is_read_until_it_ends_with_one_request_for_all(
        self, stage: Stage, start: Start, make: Make, simulator: Simulator
    ) -> None:
        job_id = start("es-accepted")
        for kind in ("chat", "teams", "webhook"):
            follow(stage, job_id, make(kind))
        fresh(stage, job_id)
        simulator.requests.clear()
        again = follows.read_due(timezone.now())
        settle()
        assert simulator.requests.count(str(job_id)) == 1
        assert Snapshot.objects.get().is_finished
        assert Message.objects.count() == 3
        assert again is not None
        assert again > timezone.now() - timedelta(seconds=5)
        assert follows.read_due(timezone.now()) is None

    def test_a_purged_copy_is_fetched_again(self, stage: Stage, start: Start, make: Make) -> None:
        job_id = start("es-accepted")
        follow(stage, job_id, make())
        assert not Snapshot.objects.exists()
        follows.read_due(timezone.now())
        settle()
        assert Message.objects.count() == 1

    def test_following_brings_background_work_forward(self, stage: Stage, make: Make) -> None:
        follow(stage, UUID(int=1), make())
        assert Work.objects.filter(kind=follows.WORK, due_at__lte=timezone.now()).exists()

    def test_queries_do_not_grow_with_followers(
        self, stage: Stage, start: Start, make: Make, django_assert_max_num_queries: Any
    ) -> None:
        job_id = start("es-stub", 1.0)
        for kind in ("chat", "teams", "webhook", "chat", "teams"):
            follow(stage, job_id, make(kind))
        look(stage, job_id)
        Snapshot.objects.update(next_at=timezone.now() + timedelta(minutes=1))
        with django_assert_max_num_queries(3):
            follows.read_due(timezone.now())


class TestRules:
    def rule(self, stage: Stage, channel: Channel, what: str = "any", value: str = "", hours: int = 1) -> Rule:
        before = timezone.now() - timedelta(hours=hours)
        assert rules.make(channel, what, value, "", stage.alice, before)
        return Rule.objects.latest("pk")

    def test_an_unfollowed_failure_is_sent_by_rule(
        self, stage: Stage, start: Start, make: Make, receiver: Receiver
    ) -> None:
        self.rule(stage, make())
        look(stage, start("es-dead-webhook"))
        look(stage, start("es-accepted"))
        outbox.deliver_due()
        assert len(receiver.received) == 1

    def test_further_failures_of_the_same_cause_are_batched(
        self, stage: Stage, start: Start, make: Make, receiver: Receiver
    ) -> None:
        self.rule(stage, make())
        jobs = [start("es-dead-webhook") for _ in range(4)]
        for job_id in jobs:
            look(stage, job_id)
        again = outbox.deliver_due()
        assert len(receiver.received) == 1
        assert again is not None
        assert timedelta(minutes=9) < again - timezone.now() <= timedelta(minutes=10)
        with time_machine.travel(again, tick=True):
            outbox.deliver_due()
        first, digest = texts(receiver)
        assert str(jobs[0]) in first
        assert all(str(job_id) in digest for job_id in jobs[1:])
        assert "3 more jobs" in digest
        cause = JobRecord.objects.values_list("cause", flat=True).distinct().get()
        assert f"http://testserver/teams/acme/failures/?range=24h&cause={cause}\n" in json.loads(digest)["text"]

    def test_a_job_that_fails_and_then_ends_is_counted_once_in_a_digest_of_any_length(
        self, stage: Stage, start: Start, make: Make
    ) -> None:
        self.rule(stage, make())
        jobs = [start("es-dead-webhook") for _ in range(wording.LINES + 3)]
        for job_id in [*jobs, *jobs]:
            look(stage, job_id)
            Snapshot.objects.filter(job_id=job_id).update(version="another")
        waiting = Message.objects.get(event="digest")
        assert outbox.content(waiting).count == wording.LINES + 2

    @pytest.mark.parametrize(
        ("what", "field"), [("cause", "cause"), ("workflow", "workflow_id"), ("provider", "failed_provider")]
    )
    def test_a_rule_selects_by_cause_workflow_or_provider(
        self, stage: Stage, start: Start, make: Make, what: str, field: str
    ) -> None:
        look(stage, start("es-dead-webhook"))
        value = getattr(JobRecord.objects.get(), field)
        assert value
        self.rule(stage, make(), what, value)
        self.rule(stage, make(), what, "another")
        look(stage, start("es-dead-webhook"))
        assert Message.objects.count() == 1

    def test_a_rule_may_select_new_causes_only(self, stage: Stage, start: Start, make: Make) -> None:
        self.rule(stage, make(), "new")
        look(stage, start("es-dead-webhook"))
        look(stage, start("es-dead-webhook"))
        assert Message.objects.count() == 1

    def test_failures_before_the_rule_are_not_sent(self, stage: Stage, start: Start, make: Make) -> None:
        self.rule(stage, make(), hours=-1)
        look(stage, start("es-dead-webhook"))
        assert not Message.objects.exists()

    def test_two_matching_rules_of_a_channel_send_once(self, stage: Stage, start: Start, make: Make) -> None:
        channel = make()
        self.rule(stage, channel)
        self.rule(stage, channel, "new")
        look(stage, start("es-dead-webhook"))
        assert Message.objects.count() == 1

    def test_another_teams_rules_do_not_apply(self, stage: Stage, start: Start, make: Make) -> None:
        theirs = make()
        Channel.objects.update(team=stage.elsewhere)
        theirs.refresh_from_db()
        self.rule(stage, theirs)
        look(stage, start("es-dead-webhook"))
        assert not Message.objects.exists()

    def test_quiet_hours_delay_messages(self, stage: Stage, start: Start, make: Make) -> None:
        hour = timezone.now().hour
        self.rule(stage, make(quiet_from=hour, quiet_until=(hour + 2) % 24))
        look(stage, start("es-dead-webhook"))
        due = Message.objects.get().due_at
        assert due is not None
        assert due > timezone.now() + timedelta(minutes=59)
        assert channels.of_team(stage.acme)

    def test_failures_of_quiet_hours_are_one_message_and_one_digest(
        self, stage: Stage, start: Start, make: Make, receiver: Receiver
    ) -> None:
        now = timezone.now()
        channel = make(quiet_from=now.hour, quiet_until=(now.hour + 8) % 24)
        with time_machine.travel(now, tick=False) as clock:
            self.rule(stage, channel)
            for _ in range(5):
                job_id = start("es-dead-webhook")
                clock.shift(timedelta(minutes=25))  # at its speed the job is over
                look(stage, job_id)
            outbox.deliver_due()
            assert not receiver.received
            clock.move_to(now + timedelta(hours=8))
            outbox.deliver_due()
        assert ["4 more jobs" in text for text in texts(receiver)] == [False, True]

    def test_a_digest_begun_in_quiet_hours_waits_for_their_end(
        self, stage: Stage, start: Start, make: Make, receiver: Receiver
    ) -> None:
        before = timezone.now().replace(minute=42)
        channel = make(quiet_from=(before.hour + 1) % 24, quiet_until=(before.hour + 4) % 24)
        with time_machine.travel(before, tick=False) as clock:
            self.rule(stage, channel, hours=2)
            jobs = [start("es-dead-webhook") for _ in range(3)]
            clock.shift(timedelta(seconds=1))  # at their speed they are over
            look(stage, jobs[0])
            clock.shift(timedelta(minutes=5))
            look(stage, jobs[1])  # begins the first digest
            clock.shift(timedelta(minutes=6))
            outbox.deliver_due()
            clock.shift(timedelta(minutes=9))
            look(stage, jobs[2])
        due = Message.objects.filter(event="digest").latest("pk").due_at
        assert due is not None
        assert due.hour == channel.quiet_until

    def test_a_failure_for_invopops_support_is_news(
        self, stage: Stage, start: Start, make: Make, receiver: Receiver
    ) -> None:
        """Its page links to a text to copy, which needs the team."""
        follow(stage, job_id := start("es-says-ko"), make())
        look(stage, job_id)
        outbox.deliver_due()
        assert len(receiver.received) == 1
