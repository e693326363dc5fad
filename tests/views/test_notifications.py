"""The page of a team's channels, for managers."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertNumQueries

from jobs.background import heartbeat
from jobs.lookup import rate_limit
from jobs.models import Change, Channel, Follow, JobRecord, Membership, Message, Rule
from jobs.notifications import mail, outbox
from tests.conftest import Stage, typed_the_password
from tests.failures.records import TAX_ID, made
from tests.notifications.conftest import Make
from tests.notifications.receiver import Mailbox, Receiver
from tests.notifications.test_outbox import write

PAGE = "/teams/acme/notifications/"


def add(client: Client, **typed: str) -> Any:
    given = {
        "kind": "chat",
        "name": "#invoices",
        "address": "https://hooks.example.com/x/secret-part",
        "language": "en",
    }
    return client.post(PAGE + "channel/", given | typed)


def change(client: Client, channel: Channel, **typed: str) -> Any:
    return client.post(PAGE + "change/", {"channel": str(channel.key)} | typed, follow=True)


class TestAdding:
    def test_a_chat_is_added(self, as_alice: Client) -> None:
        assert add(as_alice).status_code == 302
        page = as_alice.get(PAGE).content.decode()
        assert "#invoices" in page
        assert "hooks.example.com" in page
        assert "secret-part" not in page
        assert Change.objects.get().what == Change.What.CHANNEL_MADE
        assert "secret-part" not in Change.objects.get().about

    def test_a_webhook_secret_is_shown_once(self, as_alice: Client) -> None:
        page = add(as_alice, kind="webhook")
        secret = page.context["secret"]
        assert secret.startswith("whsec_")
        assert secret in page.content.decode()
        assert secret not in as_alice.get(PAGE).content.decode()

    @pytest.mark.parametrize("address", ["http://hooks.example.com/secret-part", "https://127.0.0.1/secret-part", "x"])
    def test_a_wrong_address_is_reported_and_not_repeated(self, as_alice: Client, address: str) -> None:
        page = add(as_alice, address=address)
        assert page.status_code == 200
        assert 'role="alert"' in page.content.decode()
        assert "secret-part" not in page.content.decode()
        assert not Channel.objects.exists()

    def test_recent_authentication_is_required(self, stage: Stage, client: Client) -> None:
        client.force_login(stage.alice)
        assert "reauthenticate" in add(client).headers["Location"]


def test_nine_queries_however_many_channels_and_rules(as_alice: Client, stage: Stage, make: Make) -> None:
    """The session with its person; the team with the membership and the key; channels and their rules; failures and
    workflows to choose from; the worker's heartbeat, the person's address, messages that did not arrive."""
    for number in range(3):
        made(stage.acme, timezone.now(), **TAX_ID | {"cause": f"said-{number}"})
        for kind in ("chat", "webhook"):
            channel = make(kind, name=f"{kind} {number}")
            Rule.objects.create(team=stage.acme, channel=channel, what=Rule.What.ANY, made_at=timezone.now())
        as_alice.get(PAGE)
        with assertNumQueries(9):
            page = as_alice.get(PAGE)
    assert [(rule.channel.name, rule.what) for rule in page.context["rules"]] == [
        *((f"chat {number}", "any") for number in range(3)),
        *((f"webhook {number}", "any") for number in range(3)),
    ]


class TestChanging:
    def test_the_preview_is_what_is_sent(self, as_alice: Client, make: Make, receiver: Receiver) -> None:
        channel = make("chat")
        page = as_alice.get(PAGE)
        assert "Lucía" not in page.context["rows"][0]["preview"]
        change(
            as_alice, channel, with_document="on", language="es", zone="Europe/Madrid", quiet_from="22", quiet_until="7"
        )
        channel.refresh_from_db()
        assert (channel.with_document, channel.language, channel.quiet_from) == (True, "es", 22)
        shown = json.loads(as_alice.get(PAGE).context["rows"][0]["preview"])
        assert "Lucía" in shown["text"]
        assert "Completado" in shown["text"] or "incidencias" in shown["text"] or "errores" in shown["text"]

    def test_an_invalid_time_zone_is_refused(self, as_alice: Client, make: Make) -> None:
        page = change(as_alice, make(), language="en", zone="Mars")
        assert "Europe/Madrid" in page.content.decode()

    def test_the_test_button_sends_a_message(self, as_alice: Client, make: Make, receiver: Receiver) -> None:
        page = change(as_alice, make(), do="test")
        assert "The test was sent to the chat." in page.content.decode()
        assert b"This is a test" in receiver.received[0].body
        receiver.behaviour = "404"
        page = change(as_alice, Channel.objects.get(), do="test")
        assert "http 404" in page.content.decode()
        assert "very-secret" not in page.content.decode()

    def test_test_messages_are_limited(
        self,
        as_alice: Client,
        make: Make,
        receiver: Receiver,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(rate_limit, "TESTS", 2)
        channel = make()
        for _ in range(2):
            change(as_alice, channel, do="test")
        assert "too many attempts" in change(as_alice, channel, do="test").content.decode()
        assert len(receiver.received) == 2

    def test_a_channel_is_restarted_and_removed(self, as_alice: Client, make: Make, receiver: Receiver) -> None:
        channel, receiver.behaviour = make(), "410"
        page = change(as_alice, channel, do="test")
        assert "Nothing is sent there any more" in page.content.decode()
        change(as_alice, channel, do="start")
        assert Channel.objects.get().ended_at is None
        page = change(as_alice, channel, do="remove")
        assert f'href="{PAGE}"' in page.content.decode()  # the way back
        assert Channel.objects.exists()
        change(as_alice, channel, do="remove", confirmed="yes")
        assert not Channel.objects.exists()

    def test_another_teams_channel_is_404(self, stage: Stage, as_charlie: Client, make: Make) -> None:
        typed_the_password(as_charlie)
        answer = as_charlie.post("/teams/elsewhere/notifications/change/", {"channel": str(make().key), "do": "remove"})
        assert answer.status_code == 404
        for key in ("x", "' or 1=1"):
            assert as_charlie.post("/teams/elsewhere/notifications/change/", {"channel": key}).status_code == 404


class TestRules:
    def test_a_manager_adds_and_removes_a_rule(self, as_alice: Client, make: Make) -> None:
        channel = make()
        page = as_alice.post(PAGE + "rule/", {"channel": str(channel.key), "failures": "any"}, follow=True)
        assert "The rule is on" in page.content.decode()
        rule = Rule.objects.get()
        assert "Any failure" in as_alice.get(PAGE).content.decode()
        as_alice.post(PAGE + "rule/", {"remove": str(rule.pk)})
        assert not Rule.objects.exists()
        assert [change.what for change in Change.objects.order_by("pk")] == ["rule_made", "rule_removed"]

    def test_the_failures_page_offers_a_rule_for_a_cause(self, stage: Stage, as_alice: Client, make: Make) -> None:
        now = timezone.now()
        known = {"cause": "said-1", "message": "It is on fire", "first_failed_at": now, "read_at": now}
        JobRecord.objects.create(team=stage.acme, job_id=uuid4(), **known)
        channel = make()
        page = as_alice.get(PAGE + "?failures=cause:said-1").content.decode()
        assert '<option value="cause:said-1" selected>It is on fire' in page
        as_alice.post(PAGE + "rule/", {"channel": str(channel.key), "failures": "cause:said-1"})
        rule = Rule.objects.get()
        assert (rule.what, rule.value, rule.label) == ("cause", "said-1", "It is on fire")

    @pytest.mark.parametrize("failures", ["", "cause:nothing"])
    def test_a_rule_for_nothing_known_is_not_added(self, as_alice: Client, make: Make, failures: str) -> None:
        as_alice.post(PAGE + "rule/", {"channel": str(make().key), "failures": failures})
        assert not Rule.objects.exists()

    @pytest.mark.parametrize("key", ["", "x", "01890c5e-7c1a-7d3e-9a44-000000000000"])
    def test_a_rule_without_a_channel_of_the_team_is_not_added(self, as_alice: Client, make: Make, key: str) -> None:
        make()
        as_alice.post(PAGE + "rule/", {"channel": key, "failures": "any"})
        assert not Rule.objects.exists()

    def test_a_missing_worker_is_mentioned(self, as_alice: Client, make: Make) -> None:
        make()
        assert "No worker has been heard" in as_alice.get(PAGE).content.decode()
        heartbeat.beat("one", timezone.now())
        assert "No worker has been heard" not in as_alice.get(PAGE).content.decode()


class TestUnsubscribing:
    def test_a_mailbox_channel_is_unsubscribed(self, client: Client, make: Make, mailbox: Mailbox) -> None:
        channel = make("mail", "support@example.com")
        write(channel)
        outbox.deliver_due()
        sent = mailbox.mails[0]
        assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        link = "".join(sent["List-Unsubscribe"].split()).strip("<>")
        assert link in sent.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        path = link.removeprefix("http://testserver")
        assert client.get(path).status_code == 200
        assert "everybody who reads it" in client.get(path).content.decode()
        assert Channel.objects.get().ended_at is None  # a link scanner ends nothing
        by_program = Client(enforce_csrf_checks=True)
        assert by_program.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
        assert Channel.objects.get().ended_at is not None
        assert by_program.post(path).status_code == 200

    def test_managers_are_notified_once_that_it_ended(
        self,
        stage: Stage,
        client: Client,
        as_alice: Client,
        make: Make,
        mailbox: Mailbox,
    ) -> None:
        """One reader of the mailbox has ended it for all."""
        EmailAddress.objects.create(user=stage.alice, email="alice@example.com", verified=True)
        path = mail.unsubscribe_channel(make("mail", "support@example.com")).removeprefix("http://testserver")
        client.post(path)
        client.post(path)
        outbox.deliver_due()
        assert Change.objects.get(what="unsubscribed").team == stage.acme
        (sent,) = mailbox.mails
        assert sent["To"] == "alice@example.com"
        text = sent.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert "Somebody used the link" in text
        assert "check the address" not in text
        page = as_alice.get(PAGE).content.decode()
        assert "somebody used the link" in page
        assert "Check the address" not in page

    def test_a_personal_follow_is_unsubscribed(self, stage: Stage, client: Client) -> None:
        follow = Follow.objects.create(team=stage.acme, job_id=uuid4(), user=stage.bob, made_at=timezone.now())
        path = mail.unsubscribe_follow(follow).removeprefix("http://testserver")
        for _ in range(2):
            client.post(path)
        assert not Follow.objects.exists()
        assert not Message.objects.exists()
        change = Change.objects.get(what="unsubscribed")  # once, without a user, because the link alone allowed it
        assert (change.team, change.user, change.about) == (stage.acme, None, f"bob: {follow.job_id}")

    def test_managers_unsubscribe_from_mails_about_channels(
        self,
        as_alice: Client,
        stage: Stage,
        mailbox: Mailbox,
        make: Make,
    ) -> None:
        """The link in such a mail ends them in one click; the page starts them again."""
        EmailAddress.objects.create(user=stage.alice, email="alice@example.com", verified=True)
        outbox.end_channel(make("chat", "https://hooks.example.com/x/1"), "http 410", timezone.now())
        outbox.deliver_due()
        (sent,) = mailbox.mails
        link = sent["List-Unsubscribe"].strip(" <>")
        assert link in sent.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        path, by_program = link.removeprefix("http://testserver"), Client()
        assert "when a channel of this team stops" in by_program.get(path).content.decode()
        for _ in range(2):
            assert b"no more mails about channels" in by_program.post(path, {"List-Unsubscribe": "One-Click"}).content
        change = Change.objects.get(what="unsubscribed")
        assert (change.team, change.user, change.about) == (stage.acme, None, "alice: mails about channels that stop")
        outbox.end_channel(make("chat", "https://hooks.example.com/x/2"), "http 410", timezone.now())
        outbox.deliver_due()
        assert len(mailbox.mails) == 1
        assert "You receive no mail" in as_alice.get(PAGE).content.decode()
        as_alice.post(PAGE + "mails/", {"on": "1"})
        assert "You receive a mail at alice@example.com" in as_alice.get(PAGE).content.decode()

    def test_a_waiting_mail_is_not_sent_after_unsubscribing(
        self,
        stage: Stage,
        client: Client,
        mailbox: Mailbox,
        make: Make,
    ) -> None:
        EmailAddress.objects.create(user=stage.alice, email="alice@example.com", verified=True)
        outbox.end_channel(make("chat", "https://hooks.example.com/x/1"), "http 410", timezone.now())
        manager = Membership.objects.get(team=stage.acme, user=stage.alice)
        client.post(mail.unsubscribe_manager(manager).removeprefix("http://testserver"))
        outbox.deliver_due()
        assert not mailbox.mails
        assert Message.objects.get().reason == "unsubscribed"

    def test_an_old_link_says_it_is_old(self, stage: Stage, client: Client) -> None:
        follow = Follow.objects.create(team=stage.acme, job_id=uuid4(), user=stage.bob, made_at=timezone.now())
        with time_machine.travel(timezone.now() - mail.LINK_GOOD_FOR - timedelta(days=1), tick=False):
            path = mail.unsubscribe_follow(follow).removeprefix("http://testserver")
        answer = client.post(path)
        assert answer.status_code == 410
        assert b"expired" in answer.content
        assert Follow.objects.exists()

    @pytest.mark.parametrize("secret", ["x", "invite_nobody", "eyJmb2xsb3ciOjF9:1abc:def"])
    def test_a_forged_link_is_404(self, client: Client, db: None, secret: str) -> None:
        assert client.post(f"/unsubscribe/{secret}/").status_code == 404
