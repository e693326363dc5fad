"""The outbox: at least once, in order, with growing pauses and an end, whatever the receiver does."""

import itertools
import json
import logging
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.db import connection
from django.utils import timezone

from jobs.models import Channel, Membership, Message
from jobs.models.background import Work
from jobs.notifications import outbox, sending, wording
from scripts.product import Product, prepared
from tests.conftest import Stage
from tests.mail_server import send_to
from tests.notifications.conftest import Make
from tests.notifications.receiver import Mailbox, Receiver, receiving

JOB = UUID("0198c0de-0000-7000-8000-000000000001")
numbers = itertools.count()


def write(channel: Channel, about: str = "", job_id: UUID | None = JOB, **more: Any) -> Message:
    notification = wording.test(channel.team, "en", timezone.now())
    given = {"channel": channel, "job_id": job_id} | more
    written = outbox.write(notification, about or f"test:{next(numbers)}", channel.team, timezone.now(), **given)
    assert written is not None
    return written


class TestSending:
    def test_a_message_arrives_once(self, make: Make, receiver: Receiver) -> None:
        message = write(make())
        assert outbox.deliver_due() is None
        assert outbox.deliver_due() is None
        assert [each.path for each in receiver.received] == ["/services/T0/B0/very-secret"]
        sent = Message.objects.get(pk=message.pk)
        assert sent.sent_at is not None
        assert sent.sealed == ""
        assert Channel.objects.get().sent_at is not None

    def test_the_same_news_is_written_once(self, make: Make) -> None:
        channel = make()
        write(channel, "same")
        notification = wording.test(channel.team, "en", timezone.now())
        assert outbox.write(notification, "same", channel.team, timezone.now(), channel=channel) is None

    def test_writing_brings_background_work_forward(self, make: Make) -> None:
        write(make())
        due = Work.objects.get(kind=outbox.WORK).due_at
        assert due is not None
        assert due <= timezone.now()

    def test_requests_use_no_cookie_no_proxy_and_our_user_agent(
        self, make: Make, receiver: Receiver, monkeypatch: Any
    ) -> None:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        receiver.behaviour = "cookie"
        channel = make()
        for _ in range(2):
            write(channel)
        outbox.deliver_due()
        assert len(receiver.received) == 2
        assert all("cookie" not in each.headers for each in receiver.received)
        assert "invopop-jobs-dashboard" in receiver.received[0].headers["user-agent"]


class TestKilledWorker:
    def test_killed_after_sending_it_resends_with_the_same_idempotency_key(
        self, make: Make, receiver: Receiver
    ) -> None:
        write(make("webhook"))
        taken = outbox.take(timezone.now())
        assert taken is not None
        assert sending.send(taken, outbox.content(taken), timezone.now()).what == sending.SENT  # and here it dies
        assert outbox.take(timezone.now()) is None  # somebody may still be at it
        with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=True):
            outbox.deliver_due()
        first, second = receiver.received
        assert first.headers["webhook-id"] == second.headers["webhook-id"] == taken.public_id
        assert first.body == second.body

    def test_killed_before_sending_nothing_is_lost(self, make: Make, receiver: Receiver) -> None:
        write(make())
        assert outbox.take(timezone.now()) is not None
        with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=True):
            outbox.deliver_due()
        assert len(receiver.received) == 1

    def test_a_slow_worker_does_not_overwrite_anothers_result(self, make: Make) -> None:
        write(make())
        slow = outbox.take(timezone.now())
        assert slow is not None
        with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=True):
            outbox.deliver_due()
            outbox._note(slow, sending.Outcome(sending.FAILED, "timeout"), timezone.now())
        assert Message.objects.get().sent_at is not None


@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs TEST_DATABASE_URL")
@pytest.mark.django_db(transaction=True)
def test_concurrent_workers_keep_order_per_job_and_duplicate_nothing(make: Make, receiver: Receiver) -> None:
    channel, jobs = make("webhook"), [uuid4() for _ in range(8)]
    written = {job: [write(channel, job_id=job).public_id for _ in range(3)] for job in jobs}
    killed = outbox.take(timezone.now())
    assert killed is not None
    sending.send(killed, outbox.content(killed), timezone.now())  # and here it dies

    work_together(4)
    assert Message.objects.filter(sent_at__isnull=True).values_list("job_id").distinct().get() == (killed.job_id,)

    Message.objects.filter(pk=killed.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    work_together(4)
    arrived = [each.headers["webhook-id"] for each in receiver.received]
    for job, expected in written.items():
        again = [killed.public_id] if job == killed.job_id else []
        assert [each for each in arrived if each in expected] == again + expected


def work_together(workers: int) -> None:
    def work(_: int) -> None:
        try:
            for _ in range(30):  # one that finds nothing at a moment asks again
                outbox.deliver_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as threads:
        list(threads.map(work, range(workers)))


class TestMisbehavingReceiver:
    @pytest.mark.parametrize(
        ("behaviour", "reason"),
        [
            ("500", "http 500"), ("404", "http 404"), ("302", "redirected"), ("reset", "connection broken"),
            ("noise", "not http"), ("later", "http 429"),
        ],
    )  # fmt: skip
    def test_a_failed_delivery_is_retried_later(
        self, make: Make, receiver: Receiver, behaviour: str, reason: str
    ) -> None:
        receiver.behaviour = behaviour
        write(make())
        again = outbox.deliver_due()
        message, channel = Message.objects.get(), Channel.objects.get()
        assert (message.reason, message.attempts, message.sent_at) == (reason, 1, None)
        assert channel.failing_since is not None
        assert again is not None
        assert timedelta(seconds=9) < again - timezone.now() <= timedelta(seconds=121)
        receiver.behaviour = "200"
        with time_machine.travel(again + timedelta(seconds=1), tick=True):
            outbox.deliver_due()
        assert Message.objects.get().sent_at is not None
        assert Channel.objects.get().failing_since is None

    @pytest.mark.slow
    @pytest.mark.parametrize("behaviour", ["hang", "drip"])
    def test_a_slow_receiver_costs_ten_seconds_at_most(self, make: Make, receiver: Receiver, behaviour: str) -> None:
        receiver.behaviour = behaviour
        write(make())
        before = datetime.now()  # noqa: DTZ005
        outbox.deliver_due()
        assert (datetime.now() - before).total_seconds() < 10  # noqa: DTZ005
        assert Message.objects.get().reason == "timeout"

    def test_endless_responses_are_not_read(self, make: Make, receiver: Receiver) -> None:
        receiver.behaviour = "flood"
        write(make())
        outbox.deliver_due()
        assert Message.objects.get().sent_at is not None

    def test_a_redirect_to_an_internal_address_is_not_followed(self, make: Make, receiver: Receiver) -> None:
        receiver.behaviour, receiver.redirect_to = "redirect", f"{receiver.url}/metadata"
        write(make())
        outbox.deliver_due()
        assert len(receiver.received) == 1

    def test_a_410_ends_the_channel_and_notifies_managers(
        self, stage: Stage, make: Make, receiver: Receiver, mailbox: Mailbox
    ) -> None:
        EmailAddress.objects.create(user=stage.alice, email="alice@example.com", verified=True, primary=True)
        receiver.behaviour = "410"
        channel = make()
        for _ in range(3):
            write(channel)
        outbox.deliver_due()
        assert len(receiver.received) == 1
        channel.refresh_from_db()
        assert (channel.reason, channel.ended_at is not None) == ("http 410", True)
        assert [mail["To"] for mail in mailbox.mails] == ["alice@example.com"]
        assert "the chat" in mailbox.mails[0]["Subject"]
        assert "very-secret" not in str(mailbox.mails[0])

    def test_a_day_of_failures_ends_the_channel(self, make: Make, receiver: Receiver) -> None:
        receiver.behaviour = "500"
        write(make())
        at, attempts = timezone.now(), 0
        while Channel.objects.get().ended_at is None:
            with time_machine.travel(at, tick=True):
                at = outbox.deliver_due() or at + timedelta(hours=1)
            attempts += 1
            assert attempts < 60
        assert attempts > 20
        message = Message.objects.get()
        assert (message.due_at, message.sealed, message.dead_at is not None) == (None, "", True)
        assert list(outbox.given_up(message.team)) == [message]

    def test_a_failing_channel_delays_no_other(self, make: Make, receiver: Receiver) -> None:
        broken, working = make(), make("teams")
        receiver.behaviour = "500"
        write(broken)
        outbox.deliver_due()
        receiver.behaviour = "200"
        write(working)
        outbox.deliver_due()
        assert Channel.objects.get(pk=working.pk).sent_at is not None

    def test_the_order_of_one_job_is_kept(self, make: Make, receiver: Receiver) -> None:
        channel, other = make("webhook"), uuid4()
        first, second, third = write(channel), write(channel), write(channel, job_id=other)
        Message.objects.filter(pk=first.pk).update(due_at=timezone.now() + timedelta(minutes=5))
        outbox.deliver_due()
        assert [each.headers["webhook-id"] for each in receiver.received] == [third.public_id]
        with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=True):
            outbox.deliver_due()
        order = [each.headers["webhook-id"] for each in receiver.received]
        assert order == [third.public_id, first.public_id, second.public_id]


class TestDestinations:
    @pytest.mark.parametrize("origins", [[], ["https://127.0.0.1"], ["http://localhost"]])
    def test_internal_destinations_are_only_those_the_operator_names(
        self, make: Make, receiver: Receiver, settings: Any, origins: list[str]
    ) -> None:
        write(make())
        settings.CHANNEL_ORIGINS = origins
        outbox.deliver_due()
        assert receiver.received == []
        assert Message.objects.get().reason == "address refused"


class TestSecrets:
    def test_the_address_is_in_no_row_and_no_log(
        self, make: Make, receiver: Receiver, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        for behaviour in ("200", "500", "reset", "410"):
            receiver.behaviour = behaviour
            write(make())
            outbox.deliver_due()
        assert "very-secret" not in caplog.text
        rows = json.dumps([str(row) for model in (Channel, Message) for row in model.objects.values()])
        assert "very-secret" not in rows

    def test_the_content_is_encrypted_until_sent(self, make: Make) -> None:
        message = write(make())
        assert "This is a test" not in str(Message.objects.values())
        assert outbox.content(message).verdict == "This is a test"


class TestPeople:
    @pytest.fixture
    def proved(self, stage: Stage) -> None:
        EmailAddress.objects.create(user=stage.bob, email="bob@example.com", verified=True, primary=True)

    def to_bob(self, stage: Stage) -> Message:
        notification = wording.test(stage.acme, "en", timezone.now())
        written = outbox.write(notification, f"bob:{next(numbers)}", stage.acme, timezone.now(), user=stage.bob)
        assert written is not None
        return written

    def test_a_mail_is_sent(self, stage: Stage, proved: None, mailbox: Mailbox) -> None:
        message = self.to_bob(stage)
        outbox.deliver_due()
        mail = mailbox.mails[0]
        assert mail["Message-ID"] == f"<{message.key}@testserver>"
        assert mail["Subject"] == "This is a test · Acme"

    def test_an_unverified_address_gets_no_mail(self, stage: Stage, mailbox: Mailbox) -> None:
        EmailAddress.objects.create(user=stage.bob, email="bob@example.com", verified=False)
        self.to_bob(stage)
        outbox.deliver_due()
        assert mailbox.mails == []
        assert Message.objects.get().reason == "no verified address"

    def test_a_former_member_gets_no_mail(self, stage: Stage, proved: None, mailbox: Mailbox) -> None:
        self.to_bob(stage)
        Membership.objects.filter(user=stage.bob).delete()
        outbox.deliver_due()
        assert mailbox.mails == []

    def test_a_refusing_mail_server_is_retried(self, stage: Stage, proved: None, mailbox: Mailbox) -> None:
        mailbox.refuses = "451 later"
        self.to_bob(stage)
        again = outbox.deliver_due()
        assert Message.objects.get().reason == "smtp 451"
        mailbox.refuses = ""
        assert again is not None
        with time_machine.travel(again, tick=True):
            outbox.deliver_due()
        assert len(mailbox.mails) == 1

    def test_an_unreachable_mail_server_is_retried(
        self, stage: Stage, proved: None, mailbox: Mailbox, settings: Any
    ) -> None:
        send_to(settings, 9)
        self.to_bob(stage)
        outbox.deliver_due()
        assert Message.objects.get().reason == "no connection"


def test_old_messages_are_dropped(make: Make) -> None:
    write(make())
    outbox.deliver_due()
    assert outbox.drop_old(timezone.now() + timedelta(days=6)) == 0
    assert outbox.drop_old(timezone.now() + timedelta(days=8)) == 1


MAKE = """
from django.contrib.auth.models import User
from django.utils import timezone
from jobs.encryption import Secret
from jobs.models import Team
from jobs.notifications import channels, outbox, wording
team = Team.objects.get()
now = timezone.now()
channel = channels.make(team, "webhook", "ours", Secret("{url}/hook"), "en", User.objects.get(), now)
for number in range(3):
    outbox.write(wording.test(team, "en", now), f"news:{{number}}", team, now, channel=channel)
"""


LEASES_END = """
from django.utils import timezone
from jobs.models import Message, Work
now = timezone.now()
assert Message.objects.filter(lease_until__gt=now).update(lease_until=now) == 1
Work.objects.filter(lease_until__gt=now).update(lease_until=now, due_at=now)
"""
LEFT = """
from jobs.models import Message
print(Message.objects.filter(sent_at__isnull=True).count())
"""


@pytest.fixture
def staged(tmp_path: Path) -> Iterator[tuple[Product, Receiver]]:
    with receiving() as receiver, prepared(tmp_path, CHANNEL_ORIGINS=receiver.url) as product:
        product.manage("shell", "-v", "0", "-c", MAKE.format(url=receiver.url))
        yield product, receiver


def wait_for(found: Callable[[], object], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not found() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert found()


@pytest.mark.processes
@pytest.mark.slow
def test_killed_after_sending_it_resends_after_restart(staged: tuple[Product, Receiver]) -> None:
    product, receiver = staged
    receiver.behaviour = "hang"  # it has the message; the worker waits for the answer
    worker = product.start("worker", sys.executable, "manage.py", "worker")
    wait_for(lambda: receiver.received, 60)
    worker.send_signal(signal.SIGKILL)
    worker.wait(10)
    receiver.behaviour = "200"
    product.manage("shell", "-v", "0", "-c", LEASES_END)
    product.start("worker", sys.executable, "manage.py", "worker")
    wait_for(lambda: len({each.headers["webhook-id"] for each in receiver.received}) == 3, 180)
    wait_for(lambda: product.manage("shell", "-v", "0", "-c", LEFT).strip() == "0", 30)
    ids = [each.headers["webhook-id"] for each in receiver.received]
    first = receiver.received[0]
    assert len(ids) == 4
    assert ids.count(first.headers["webhook-id"]) == 2
    assert {each.body for each in receiver.received if each.headers["webhook-id"] == first.headers["webhook-id"]} == {
        first.body
    }
