"""Rules: which failures a channel is notified about without a follow."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from operator import itemgetter
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from jobs.models import Channel, JobRecord, Rule, Team
from jobs.presenters import cause_titles

MOST = 50  # rules per team
CHOICES = 200  # causes, workflows or providers to choose from
LOOKED_AT = 5_000  # newest jobs of a team from which the choices are made


def failure(team: Team, job_id: UUID) -> JobRecord | None:
    """The record of a job that has just failed; None if it has not failed."""
    return JobRecord.objects.filter(team=team, job_id=job_id).exclude(cause="").first()


def meets(rule: Rule, record: JobRecord) -> bool:
    """Whether the rule applies to this failure."""
    match rule.what:
        case Rule.What.CAUSE:
            return rule.value == record.cause
        case Rule.What.WORKFLOW:
            return rule.value == record.workflow_id
        case Rule.What.PROVIDER:
            return rule.value in {record.provider, record.failed_provider}
        case Rule.What.NEW:
            return is_new(record)
    return True


def is_new(record: JobRecord) -> bool:
    """Whether no earlier job of the team is known to have failed for this cause."""
    same = JobRecord.objects.filter(team=record.team_id, cause=record.cause).exclude(pk=record.pk)
    return not same.filter(first_failed_at__lte=record.first_failed_at).exists() if record.first_failed_at else False


@transaction.atomic
def make(channel: Channel, what: str, value: str, label: str, by: User, now: datetime) -> bool:
    """Creates a rule. False at the limit."""
    channel.team.lock()
    if Rule.objects.filter(team=channel.team).count() >= MOST:
        return False
    new = {"team": channel.team, "label": label[:200], "made_by": by, "made_at": now}
    Rule.objects.get_or_create(channel=channel, what=what, value=value[:200], defaults=new)
    return True


def remove(team: Team, pk: int) -> Rule | None:
    """The removed rule; None if the team has no such rule."""
    found = Rule.objects.filter(team=team, pk=pk).select_related("channel").first()
    if found is not None:
        Rule.objects.filter(pk=pk).delete()
    return found


def choices(team: Team, language: str) -> list[tuple[str, str, str]]:
    """Choices from the team's jobs: (kind, value, label)."""
    records = JobRecord.objects.filter(team=team)
    fields = ("cause", "explanation", "failed_code", "message", "failed_provider")
    failed = records.exclude(cause="").order_by("-first_failed_at", "-pk").values_list(*fields)[:LOOKED_AT]
    providers = dict.fromkeys(provider for *_, provider in failed if provider)
    return [
        *((Rule.What.CAUSE.value, key, title) for key, title in _causes(failed, language).items()),
        *((Rule.What.WORKFLOW.value, value, name) for value, name in _workflows(team, records)),
        *((Rule.What.PROVIDER.value, value, value) for value in sorted(islice(providers, CHOICES))),
    ]


def _causes(failed: Iterable[tuple[str, str, str, str, str]], language: str) -> dict[str, str]:
    """Titles of causes by key, as on the failures page, latest first."""
    newest: dict[str, tuple[str, str, str, str]] = {}
    for each in failed:
        newest.setdefault(each[0], each[:4])
    return cause_titles.titles(islice(newest.values(), CHOICES), language)


def _workflows(team: Team, records: QuerySet[JobRecord]) -> list[tuple[str, str]]:
    """Ids and the newest known names, sorted by name."""
    found: dict[str, str] = {}
    newest = records.exclude(workflow_id="").order_by("-created_at")
    for one, name in newest.values_list("workflow_id", "workflow_name")[:LOOKED_AT]:
        found[one] = found.get(one) or name
    named = ((one, name or one) for one, name in islice(found.items(), CHOICES))
    return sorted(named, key=itemgetter(1))
