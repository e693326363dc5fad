"""Which failures a channel is notified about without a follow."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs.models import JobRecord, Rule
from jobs.notifications import rules
from tests.conftest import Stage
from tests.failures.records import NO_ANSWER, TAX_ID, made, success
from tests.notifications.conftest import Make

NOW = timezone.now()


@pytest.mark.parametrize(
    ("what", "value", "meets"),
    [
        (Rule.What.CAUSE, "aeat-1109", True),
        (Rule.What.CAUSE, "connection-timeout", False),
        (Rule.What.WORKFLOW, "w1", True),
        (Rule.What.WORKFLOW, "w2", False),
        (Rule.What.PROVIDER, "verifactu.send", True),
        (Rule.What.PROVIDER, "peppol.send", False),
        (Rule.What.NEW, "", True),
    ],
)
def test_a_failure_matches_a_rule_by_cause_workflow_or_provider(
    stage: Stage, what: Rule.What, value: str, meets: bool
) -> None:
    assert rules.meets(Rule(what=what, value=value), made(stage.acme, NOW, **TAX_ID)) is meets


def test_a_cause_is_new_if_no_other_job_of_the_team_failed_of_it(stage: Stage) -> None:
    made(stage.elsewhere, NOW - timedelta(hours=2), **TAX_ID)
    first = made(stage.acme, NOW - timedelta(hours=1), **TAX_ID)
    second = made(stage.acme, NOW, **TAX_ID)
    assert rules.is_new(first)
    assert not rules.is_new(second)
    assert rules.is_new(made(stage.acme, NOW, **NO_ANSWER))


def test_only_a_failed_job_is_a_failure(stage: Stage) -> None:
    failed = made(stage.acme, NOW, **TAX_ID)
    well = success(stage.acme, NOW, timedelta(minutes=1))
    assert rules.failure(stage.acme, failed.job_id) == failed
    assert rules.failure(stage.acme, well.job_id) is None
    assert rules.failure(stage.elsewhere, failed.job_id) is None


def test_a_rule_is_added_once_and_rules_are_limited(stage: Stage, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = make()
    monkeypatch.setattr(rules, "MOST", 2)
    for value in ("a", "a", "b"):
        rules.make(channel, Rule.What.CAUSE, value, "label", stage.alice, NOW)
    assert Rule.objects.count() == 2
    assert not rules.make(channel, Rule.What.CAUSE, "c", "label", stage.alice, NOW)
    assert Rule.objects.count() == 2


def test_a_rule_is_removed_by_its_own_team_only(stage: Stage, make: Make) -> None:
    rules.make(make(), Rule.What.NEW, "", "", stage.alice, NOW)
    rule = Rule.objects.get()
    assert rules.remove(stage.elsewhere, rule.pk) is None
    assert rules.remove(stage.acme, rule.pk) == rule
    assert not Rule.objects.exists()


def test_choices_come_from_the_teams_jobs(stage: Stage) -> None:
    made(stage.acme, NOW, **TAX_ID)
    made(stage.elsewhere, NOW, **NO_ANSWER)
    found = {(kind, value) for kind, value, _ in rules.choices(stage.acme, "en")}
    assert {("cause", "aeat-1109"), ("workflow", "w1"), ("provider", "verifactu.send")} <= found
    assert "connection-timeout" not in {value for _, value in found}


def test_old_jobs_give_no_choices_and_the_newest_name_counts(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "LOOKED_AT", 2)
    for minutes, (workflow, name) in enumerate((("w1", "new"), ("w1", "old"), ("w2", "too old"))):
        record = made(stage.acme, NOW - timedelta(minutes=minutes), **TAX_ID)
        at = NOW - timedelta(minutes=minutes)
        JobRecord.objects.filter(pk=record.pk).update(workflow_id=workflow, workflow_name=name, created_at=at)
    found = [(value, name) for kind, value, name in rules.choices(stage.acme, "en") if kind == "workflow"]
    assert found == [("w1", "new")]


def test_workflows_are_offered_by_name(stage: Stage) -> None:
    """Also where the newest job's record has only the id."""
    for minutes, columns in enumerate(
        (
            {"workflow_id": "w1", "workflow_name": ""},
            {"workflow_id": "w1", "workflow_name": "opened before"},
            {"workflow_id": "unknown", "workflow_name": ""},
        )
    ):
        at = NOW - timedelta(minutes=minutes)
        record = made(stage.acme, at, **TAX_ID)
        JobRecord.objects.filter(pk=record.pk).update(created_at=at, **columns)
    found = {value: label for kind, value, label in rules.choices(stage.acme, "en") if kind == "workflow"}
    assert found == {"w1": "opened before", "unknown": "unknown"}
