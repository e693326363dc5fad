"""Rules: which failures a channel is notified about without a follow."""

from datetime import datetime
from itertools import islice
from operator import itemgetter
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from jobs.models import Channel, JobRecord, Rule, Team
from jobs.presenters import failures
from jobs.upstream import workflows

MOST = 50  # rules per team
CHOICES = 200  # causes, workflows or providers to choose from
LOOKED_AT = 5_000  # newest jobs of a team from which the choices are made


def failure(team: Team, job_id: UUID) -> JobRecord | None:
    """The record of a job that has just failed; None if it has not failed."""
    return JobRecord.objects.filter(team=team, job_id=job_id).exclude(cause="").first()


def meets(rule: Rule, record: JobRecord) -> bool:
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
    found = Rule.objects.filter(team=team, pk=pk).select_related("channel").first()
    if found is not None:
        Rule.objects.filter(pk=pk).delete()
    return found


def choices(team: Team, language: str) -> list[tuple[str, str, str]]:
    """Choices from the team's jobs: (kind, value, label)."""
    records = JobRecord.objects.filter(team=team)
    providers = _pairs(records.exclude(cause="").order_by("-first_failed_at"), "failed_provider", "failed_provider")
    return [
        *((Rule.What.CAUSE.value, key, title) for key, title in _causes(records, language).items()),
        *((Rule.What.WORKFLOW.value, value, name) for value, name in _workflows(team, records)),
        *((Rule.What.PROVIDER.value, value, name) for value, name in providers),
    ]


def _causes(records: QuerySet[JobRecord], language: str) -> dict[str, str]:
    """Titles of causes by key, as on the failures page, latest first."""
    fields = ("cause", "explanation", "failed_code", "message")
    found = records.exclude(cause="").order_by("-first_failed_at", "-pk").values_list(*fields)[: 5 * CHOICES]
    titles = {cause: failures.title(known, code, message, language) for cause, known, code, message in reversed(found)}
    return dict([*titles.items()][-CHOICES:][::-1])


def _workflows(team: Team, records: QuerySet[JobRecord]) -> list[tuple[str, str]]:
    """Ids and names, sorted by name. A record of a job that nobody opened may have no name."""
    found = dict(_pairs(records.order_by("-created_at"), "workflow_id", "workflow_name"))
    names = {} if all(found.values()) else workflows.names(team)
    return sorted(((one, name or names.get(one, one)) for one, name in found.items()), key=itemgetter(1))


def _pairs(records: QuerySet[JobRecord], value: str, label: str) -> list[tuple[str, str]]:
    """Values, each with the newest label that is known, sorted by label."""
    found: dict[str, str] = {}
    for one, name in records.exclude(**{value: ""}).values_list(value, label)[:LOOKED_AT]:
        found[one] = found.get(one) or name
    return sorted(islice(found.items(), CHOICES), key=lambda pair: pair[1] or pair[0])
