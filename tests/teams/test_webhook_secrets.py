"""The webhook secret of a team: shown once, replaced without a gap."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs.models import WebhookSecret
from jobs.teams import webhook_secrets
from tests.conftest import Stage


@pytest.fixture
def secret(stage: Stage) -> str:
    return webhook_secrets.make(stage.acme, stage.alice, timezone.now()).reveal()


def test_the_previous_secret_works_for_a_day(stage: Stage, secret: str) -> None:
    now = timezone.now()
    new = webhook_secrets.make(stage.acme, stage.alice, now).reveal()
    assert webhook_secrets.team_that_trusts("acme", new, now) == stage.acme
    assert webhook_secrets.team_that_trusts("acme", secret, now + timedelta(hours=23)) == stage.acme
    assert webhook_secrets.team_that_trusts("acme", secret, now + timedelta(hours=24)) is None


def test_the_secret_before_the_previous_is_refused(stage: Stage, secret: str) -> None:
    for _ in range(2):
        webhook_secrets.make(stage.acme, stage.alice, timezone.now())
    assert webhook_secrets.team_that_trusts("acme", secret, timezone.now()) is None


def test_only_a_digest_is_stored(stage: Stage, secret: str) -> None:
    row = WebhookSecret.objects.get()
    assert secret.startswith("hook_")
    assert secret not in repr(vars(row))
    assert row.set_by == stage.alice


@pytest.mark.parametrize("shown", ["", "hook_wrong", "hook_\ud800"])
def test_another_secret_is_refused(stage: Stage, secret: str, shown: str) -> None:
    assert webhook_secrets.team_that_trusts("acme", shown, timezone.now()) is None
    assert webhook_secrets.team_that_trusts("nobody", secret, timezone.now()) is None
    assert webhook_secrets.team_that_trusts("elsewhere", secret, timezone.now()) is None


def test_after_removal_nothing_is_accepted(stage: Stage, secret: str) -> None:
    new = webhook_secrets.make(stage.acme, stage.alice, timezone.now()).reveal()
    webhook_secrets.remove(stage.acme)
    assert [webhook_secrets.team_that_trusts("acme", each, timezone.now()) for each in (secret, new)] == [None, None]


def test_webhooks_are_recorded_once_a_minute(stage: Stage, secret: str) -> None:
    now = timezone.now()
    for seconds, noted in ((0, 0), (59, 0), (60, 60)):
        webhook_secrets.note_report(stage.acme, now + timedelta(seconds=seconds))
        assert WebhookSecret.objects.get().heard_at == now + timedelta(seconds=noted)
    webhook_secrets.make(stage.acme, stage.alice, now)
    assert WebhookSecret.objects.get().heard_at is None  # of the new one nothing has been heard
