"""Incidents in the team's records."""

from datetime import timedelta

from django.utils import timezone
from pytest_django.asserts import assertNumQueries

from jobs.failures import incident_query
from jobs.failures.incidents import FAILS, MANY, WAITS
from tests.conftest import Stage
from tests.failures.records import NO_ANSWER, TAX_ID, made, success

NOW = timezone.now()


def test_many_failures_of_one_provider_are_an_incident(stage: Stage) -> None:
    rows = [made(stage.acme, NOW - timedelta(minutes=10 + n), is_open=True, **NO_ANSWER) for n in range(MANY)]
    (found,) = incident_query.incidents(stage.acme, NOW)
    assert (found.provider, found.kind, found.count, found.end) == ("AEAT", FAILS, MANY, None)
    assert incident_query.of_record(stage.acme, rows[0], NOW) == found
    assert incident_query.incidents(stage.elsewhere, NOW) == ()
    assert incident_query.of_record(stage.elsewhere, rows[0], NOW) is None


def test_document_errors_are_no_incident(stage: Stage) -> None:
    rows = [made(stage.acme, NOW - timedelta(minutes=10), **TAX_ID) for _ in range(MANY)]
    assert incident_query.incidents(stage.acme, NOW) == ()
    assert incident_query.of_record(stage.acme, rows[0], NOW) is None


def test_many_overdue_jobs_are_an_incident(stage: Stage) -> None:
    late = {"outcome": "waiting", "provider": "sdi-it.send", "ended_at": None}
    rows = [
        success(stage.acme, NOW, timedelta(), overdue_at=NOW - timedelta(minutes=n), **late) for n in range(1, MANY + 1)
    ]
    (found,) = incident_query.incidents(stage.acme, NOW)
    assert (found.provider, found.kind, found.waiting) == ("SDI", WAITS, MANY)
    assert incident_query.of_record(stage.acme, rows[0], NOW) == found


def test_overdue_jobs_that_went_on_end_their_incident(stage: Stage) -> None:
    """With the last of them that is known; one that still waits keeps it open."""
    for n in range(MANY):
        began = NOW - timedelta(hours=5, minutes=n)
        waited = {"waited_for": "sdi-it.send", "waited_from": began, "waited_until": began + timedelta(hours=2)}
        success(stage.acme, began + timedelta(hours=3), timedelta(), provider="verifactu.send", **waited)
    (found,) = incident_query.incidents(stage.acme, NOW)
    assert (found.provider, found.kind, found.count, found.waiting) == ("SDI", WAITS, MANY, 0)
    assert found.end == NOW - timedelta(hours=3)
    late = {"outcome": "waiting", "provider": "sdi-it.send", "ended_at": None}
    success(stage.acme, NOW, timedelta(), overdue_at=NOW - timedelta(hours=5), **late)
    (found,) = incident_query.incidents(stage.acme, NOW)
    assert (found.count, found.waiting, found.end) == (MANY + 1, 1, None)
    assert incident_query.incidents(stage.elsewhere, NOW) == ()


def test_an_unread_job_belongs_to_no_incident(stage: Stage) -> None:
    assert incident_query.of_record(stage.acme, None, NOW) is None


def test_a_job_not_yet_overdue_makes_no_query(stage: Stage) -> None:
    late = {"outcome": "waiting", "provider": "sdi-it.send", "ended_at": None}
    row = success(stage.acme, NOW, timedelta(), overdue_at=NOW + timedelta(minutes=1), **late)
    with assertNumQueries(0):
        assert incident_query.of_record(stage.acme, row, NOW) is None
