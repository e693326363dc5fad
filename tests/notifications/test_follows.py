"""Follows of a job until it ends, by people and channels."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from jobs.diagnosis.outcome import conclude
from jobs.models import Follow, Message, Snapshot
from jobs.models.background import Work
from jobs.notifications import about_jobs, follows
from tests import outcome_jobs
from tests.conftest import Stage
from tests.notifications.conftest import Make

NOW = timezone.now()
JOB = UUID("01a10b57-bee2-7cd4-9c8f-c9b91500a93e")


def row(stage: Stage, job_id: UUID = JOB, **fields: object) -> Snapshot:
    expires_at = NOW + timedelta(days=1)
    return Snapshot.objects.create(team=stage.acme, job_id=job_id, expires_at=expires_at, **fields)


def test_following_is_idempotent_and_the_job_is_read(stage: Stage) -> None:
    for _ in range(2):
        assert follows.start(stage.acme, JOB, NOW, stage.bob, "es") is not None
    (follow,) = follows.of_job(stage.acme, JOB)
    assert (follow.user, follow.language) == (stage.bob, "es")
    assert Work.objects.get(kind=follows.WORK).due_at is not None
    assert follows.of_job(stage.elsewhere, JOB) == []


def test_a_channel_follows_in_its_own_language(stage: Stage, make: Make) -> None:
    channel = make(language="es")
    follow = follows.start(stage.acme, JOB, NOW, stage.bob, "en", channel=channel)
    assert follow is not None
    assert (follow.channel, follow.user, follow.language) == (channel, None, "es")


def test_a_state_already_seen_is_no_news(stage: Stage) -> None:
    row(stage, outcome="failing", faults=1, overdue_at=NOW)
    follow = follows.start(stage.acme, JOB, NOW, stage.bob, "en")
    assert follow is not None
    assert follow.known == "failed,overdue"


def test_a_failure_that_may_be_handled_is_no_failure_yet(stage: Stage) -> None:
    row(stage, outcome="failing")
    follow = follows.start(stage.acme, JOB, NOW, stage.bob, "en")
    assert follow is not None
    assert follow.known == ""
    failed = outcome_jobs.intent("verifactu.send", "RUN", ("KO", 1, "1110", "no"))
    faults = (outcome_jobs.fault("verifactu.send", "no", "1110"),)
    assert [
        about_jobs._event(conclude(outcome_jobs.job(failed, faults=each), outcome_jobs.at(2))) for each in ((), faults)
    ] == [
        "",
        "failed",
    ]


def test_the_number_of_follows_is_limited(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follows, "MOST", 1)
    assert follows.start(stage.acme, JOB, NOW, stage.bob, "en") is not None
    assert follows.start(stage.acme, uuid4(), NOW, stage.bob, "en") is None
    assert follows.start(stage.acme, uuid4(), NOW, stage.alice, "en") is not None


def test_unfollowing_cancels_unsent_messages(stage: Stage) -> None:
    follow = follows.start(stage.acme, JOB, NOW, stage.bob, "en")
    Message.objects.create(
        team=stage.acme, about="a", user=stage.bob, follow=follow, event="ended", made_at=NOW, due_at=NOW
    )
    follows.stop(stage.acme, JOB, user=stage.alice)
    assert Follow.objects.exists()
    follows.stop(stage.acme, JOB, user=stage.bob)
    assert not Follow.objects.exists()
    assert not Message.objects.exists()


@pytest.mark.parametrize("obstacle", ["no mail", "no address", ""])
def test_the_choices_say_why_mail_is_unavailable(stage: Stage, make: Make, settings: object, obstacle: str) -> None:
    settings.MAIL = {} if obstacle == "no mail" else {"EMAIL_HOST": "127.0.0.1"}  # type: ignore[attr-defined]
    if not obstacle:
        EmailAddress.objects.create(user=stage.bob, email="bob@example.com", verified=True, primary=True)
    channel = make()
    follows.start(stage.acme, JOB, NOW, stage.bob, "en", channel=channel)
    found = follows.choices(stage.bob, stage.acme, JOB)
    assert found.obstacle == obstacle
    assert [(each.key, each.is_on) for each in found.channels] == [(str(channel.key), True)]
    assert (found.mail.is_on, found.count) == (False, 1)


def test_followed_jobs_that_ended_or_are_overdue_are_found(stage: Stage) -> None:
    done, late, other = uuid4(), uuid4(), uuid4()
    row(stage, done, is_finished=True)
    row(stage, late, overdue_at=NOW)
    row(stage, other, is_finished=True)
    for job in (done, late):
        follows.start(stage.acme, job, NOW, stage.bob, "en")
    assert [each.job_id for each in follows.ended(NOW)] == [done]
    assert [each.job_id for each in follows.overdue(NOW)] == [late]
    assert follows.is_over(stage.acme, done)
    assert not follows.is_over(stage.acme, late)


def test_ended_or_too_old_follows_are_dropped(stage: Stage) -> None:
    for made_at, ended_at in (
        (NOW, None),
        (NOW - follows.FORGOTTEN - timedelta(days=1), None),
        (NOW - timedelta(days=9), NOW - timedelta(days=8)),
    ):
        begun = follows.start(stage.acme, uuid4(), NOW, stage.bob, "en")
        assert begun is not None
        Follow.objects.filter(pk=begun.pk).update(made_at=made_at, ended_at=ended_at)
    assert follows.drop_old(NOW) == 2
    assert Follow.objects.get().made_at == NOW


def test_nothing_is_checked_without_followers(stage: Stage) -> None:
    assert follows.read_due(NOW) is None
