"""What the filters of the failures page offer."""

from datetime import timedelta

from django.utils import timezone

from jobs.failures import filter_choices, incident_query, ranges
from tests.conftest import Stage
from tests.failures.records import TAX_ID, UNKNOWN, made


def offered(stage: Stage) -> filter_choices.Choices:
    now = timezone.now()
    span = ranges.span("24h", now, ranges.zone("UTC"))
    sql = f"{filter_choices.WITH} {incident_query.SQL} UNION ALL {filter_choices.SQL}"
    rows = incident_query.rows(sql, stage.acme, now, user=stage.alice.pk, begin=span.begin, end=span.end)
    return filter_choices.read(stage.acme, rows)


def test_what_failed_in_this_range_can_be_chosen(stage: Stage) -> None:
    now = timezone.now()
    made(stage.acme, now, workflow_id="w2", workflow_name="Credit notes", **TAX_ID)
    made(stage.acme, now, **UNKNOWN)
    made(stage.acme, now, workflow_id="w3", workflow_name="", **UNKNOWN)
    made(stage.acme, now - timedelta(days=9), workflow_id="slow", workflow_name="Slow", ended_at=now, **TAX_ID)
    made(stage.acme, now - timedelta(days=9), workflow_id="old", **TAX_ID | {"failed_provider": "old"})
    made(stage.elsewhere, now, workflow_id="elsewhere", **TAX_ID | {"failed_provider": "elsewhere"})
    found = offered(stage)
    assert found.workflows == {"w1": "Invoices", "w2": "Credit notes", "w3": "w3", "slow": "Slow"}
    assert found.providers == ["peppol.send", "verifactu.send"]


def test_holders_are_the_members_of_the_team(stage: Stage) -> None:
    assert offered(stage).members == ["alice", "bob"]
