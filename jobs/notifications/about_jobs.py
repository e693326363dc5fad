"""News of a job and its receivers, written to the outbox in the transaction that stores the copy."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from jobs import encryption
from jobs.diagnosis.outcome import Conclusion, Outcome, conclude
from jobs.invopop.job_payload import Job
from jobs.models import Channel, Follow, JobRecord, Message, Rule, Snapshot, Team
from jobs.notifications import channels, follows, outbox, rules, wording
from jobs.notifications.wording import Notification
from jobs.upstream import workflows
from jobs.upstream.snapshots import SnapshotView

ENDED, FAILED, OVERDUE = "ended", "failed", "overdue"
GATHERED = timedelta(minutes=10)  # after a message for a cause, further failures wait for a digest
OLD = timedelta(hours=24)  # older failures are not news for a rule


@dataclass
class News:
    """An event of a job, whose text is created once per variant."""

    team: Team
    job_id: UUID
    job: Job
    conclusion: Conclusion
    event: str
    now: datetime
    _worded: dict[tuple[str, bool], Notification] = field(default_factory=dict)

    def notification(self, language: str, *, whole: bool) -> Notification:
        if (language, whole) not in self._worded:
            workflow = workflows.known(self.team, self.job.workflow_id)
            self._worded[language, whole] = wording.of_job(
                self.team, self.job_id, self.job, self.conclusion, self.event, language, self.now,
                whole=whole, workflow=workflow,
            )  # fmt: skip
        return self._worded[language, whole]


def on_job_stored(
    row: Snapshot, job: Job, conclusion: Conclusion, now: datetime, is_new: bool, **signal: object
) -> None:
    """Receives upstream.store.job_stored."""
    event = _event(conclusion) if is_new else ""
    if event:
        news = News(row.team, row.job_id, job, conclusion, event, now)
        _notify_followers(news)
        _notify_by_rules(news)


def notify_overdue_and_ended(now: datetime) -> None:
    """Notifies of what happens without a new copy: a job becomes overdue, or ended while a follow was started."""
    for row in follows.overdue(now):
        _notify_if_still(row, OVERDUE, now)
    for row in follows.ended(now):
        _notify_if_still(row, ENDED, now)


def _notify_if_still(row: Snapshot, event: str, now: datetime) -> None:
    if not _follows_to_notify(row.team, row.job_id, event):
        return
    try:
        job = SnapshotView(row, now).job
    except encryption.Unreadable:
        return
    if job is not None:
        conclusion = conclude(job, now, workflows.definition(row.team, job.workflow_id))
        if conclusion.is_open is (event == OVERDUE):
            _notify_followers(News(row.team, row.job_id, job, conclusion, event, now))


def _event(conclusion: Conclusion) -> str:
    if not conclusion.is_open:
        return ENDED
    has_failed = conclusion.outcome == Outcome.FAILING and not conclusion.may_be_handled
    return FAILED if has_failed else ""


def _notify_followers(news: News) -> None:
    for follow in _follows_to_notify(news.team, news.job_id, news.event):
        channel = follow.channel
        if channel is None or channel.ended_at is None:
            notification = news.notification(follow.language, whole=bool(channel and channel.with_document))
            outbox.write(
                notification, _message_key(follow, news.event), news.team, news.now,
                channel=channel, user=follow.user, follow=follow, job_id=news.job_id,
            )  # fmt: skip
    if news.event == ENDED:
        ending = Follow.objects.filter(team=news.team, job_id=news.job_id, ended_at__isnull=True)
        ending.update(ended_at=news.now)


def _follows_to_notify(team: Team, job_id: UUID, event: str) -> list[Follow]:
    unaware = [each for each in follows.of_job(team, job_id) if event not in each.known.split(",")]
    return [each for each in unaware if not outbox.is_written(_message_key(each, event))]


def _message_key(follow: Follow, event: str) -> str:
    return f"follow:{follow.pk}:{follow.made_at.timestamp()}:{event}"


def _notify_by_rules(news: News) -> None:
    if not Rule.objects.filter(team=news.team, channel__ended_at__isnull=True).exists():
        return
    failure = rules.failure(news.team, news.job_id)
    if failure is None or news.now - _happened_at(news) > OLD:
        return
    for channel in _channels_with_matching_rule(news, failure):
        about = f"rule:{channel.pk}:{news.job_id}"
        if not outbox.is_written(about):
            _send_or_gather(news, failure.cause, channel, about)


def _channels_with_matching_rule(news: News, failure: JobRecord) -> Iterator[Channel]:
    """The channels with a matching rule, without duplicates."""
    found = Rule.objects.filter(team=news.team, channel__ended_at__isnull=True, made_at__lte=_happened_at(news))
    yield from {rule.channel: None for rule in found.select_related("channel") if rules.meets(rule, failure)}


def _send_or_gather(news: News, cause: str, channel: Channel, about: str) -> None:
    """Writes a message. Soon after one for the same cause, or while one waits, adds the job to a digest instead."""
    is_recent, is_waiting = Q(made_at__gt=news.now - 2 * GATHERED), Q(due_at__isnull=False)
    last = Message.objects.filter(is_recent | is_waiting, channel=channel, cause=cause).order_by("-pk").first()
    notification = news.notification(channel.language, whole=channel.with_document)
    is_over = last is not None and last.event != "digest" and last.made_at <= news.now - GATHERED
    if last is None or (is_over and last.due_at is None):
        outbox.write(notification, about, news.team, news.now, channel=channel, job_id=news.job_id, cause=cause)
        return
    _into_digest(news, notification, cause, channel, last, about)
    outbox.note_counted(about, news.team, channel, news.job_id, news.now)


def _into_digest(
    news: News, notification: Notification, cause: str, channel: Channel, last: Message, about: str
) -> None:
    """Adds a job to the waiting digest of a channel and cause."""
    waiting = Message.objects.select_for_update().filter(channel=channel, cause=cause, event="digest", attempts=0)
    digest = waiting.filter(due_at__isnull=False, lease__isnull=True).order_by("-pk").first()
    if digest is None:
        due = channels.not_before(channel, max(last.made_at + GATHERED, news.now))
        first = wording.digest(notification, [notification.link], 1, wording.cause_link(news.team, cause))
        outbox.write(first, f"digest:{about}", news.team, news.now, channel=channel, cause=cause, due_at=due)
        return
    known = outbox.content(digest)
    links = [*known.more, notification.link]
    link = wording.cause_link(news.team, cause)
    outbox.rewrite(digest, wording.digest(notification, links, known.count + 1, link, known))


def _happened_at(news: News) -> datetime:
    """When the event happened; rules apply only to events after their creation."""
    job = news.job
    moment = job.completed_at or job.updated_at
    return moment.at if moment and moment.at else news.now
