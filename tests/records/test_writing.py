"""A record is written with each copy in one transaction, and a later successful run marks it as fixed."""

import io
import uuid
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command

from jobs import clock, encryption
from jobs.diagnosis.outcome import conclude
from jobs.encryption import Secret
from jobs.models import JobRecord, Snapshot, Sweep, Team
from jobs.records import identities, retention, writing
from jobs.simulator.server import Simulator
from jobs.teams import api_tokens
from jobs.upstream import snapshots, store
from tests.conftest import Stage, give_token

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def team(stage: Stage, simulator: Simulator) -> Team:
    give_token(stage.acme, simulator)
    return stage.acme


def read(team: Team, simulator: Simulator, key: str) -> JobRecord:
    job_id = UUID(simulator.start_job(key, speed=1_000_000))
    snapshots.for_page(team, job_id, clock.now())
    return JobRecord.objects.get(team=team, job_id=job_id)


def ran(team: Team, minutes: int, **columns: Any) -> JobRecord:
    """A run of a document, that many minutes ago."""
    at = clock.now() - timedelta(minutes=minutes)
    record = JobRecord(
        team=team, job_id=uuid.uuid4(), entry_id="e", created_at=at, ended_at=at, read_at=clock.now(), **columns
    )
    record.save()
    writing.mend(record)
    return record


FAILED = {"outcome": "completed_faults", "document": "rejected", "cause": "c"}
WELL = {"outcome": "completed", "document": "accepted"}


def test_a_failure_is_recorded(team: Team, simulator: Simulator) -> None:
    record = read(team, simulator, "es-no-tax-id")
    assert record.cause
    assert record.outcome == "completed_faults"
    assert record.ended_at is not None
    assert record.first_failed_at is not None
    assert record.failed_provider
    assert record.move
    assert not any(map(str.isdigit, record.message))


def test_the_customer_is_encrypted_and_searchable(team: Team, simulator: Simulator, stage: Stage) -> None:
    record = read(team, simulator, "es-dead-webhook")
    (identity,) = identities.of_jobs(team, [record.job_id]).values()
    assert identity.number
    assert identity.customer
    for text in (identity.number, identity.customer.upper(), identity.tax_id):
        assert record.job_id in identities.find(team, text)
        assert identities.find(stage.elsewhere, text) == []
    row = JobRecord.objects.filter(pk=record.pk).values().get()
    assert not [name for name, value in row.items() if identity.customer in str(value) or identity.number in str(value)]


def test_a_failing_listener_loses_no_copy(team: Team, simulator: Simulator) -> None:
    def deaf(**said: Any) -> None:
        JobRecord.objects.create(team=team, job_id=said["row"].job_id)  # breaks a rule of the table

    store.job_stored.connect(deaf)
    try:
        record = read(team, simulator, "es-stub")
    finally:
        store.job_stored.disconnect(deaf)
    assert Snapshot.objects.get(job_id=record.job_id).fetched_at is not None


def test_the_record_outlives_the_copy_and_is_purged(team: Team, simulator: Simulator, settings: Any) -> None:
    read(team, simulator, "es-no-tax-id")
    Snapshot.objects.all().delete()
    assert retention.drop_old(clock.now()) == 0
    settings.RECORDS_KEPT = timedelta(0)
    assert retention.drop_old(clock.now() + timedelta(seconds=1)) == 1


@pytest.mark.parametrize(("minutes", "is_kept"), [(10, True), (-10, False)])
def test_a_wait_longer_than_usual_is_kept_when_it_is_over(
    team: Team, simulator: Simulator, minutes: int, is_kept: bool
) -> None:
    """An incident of many such jobs used to vanish with them, without an end."""
    record = read(team, simulator, "es-stub")
    ended = record.ended_at
    assert ended is not None
    late = ended - timedelta(minutes=minutes)
    record.ended_at, record.overdue_at, record.provider = None, late, "sdi-it.send"
    now = clock.now()
    shown = snapshots.cached(team, record.job_id, now)
    assert shown is not None
    assert shown.job is not None
    writing.fill(record, shown.row, shown.job, conclude(shown.job, now), now)
    kept = ("sdi-it.send", late, ended) if is_kept else ("", None, None)
    assert (record.waited_for, record.waited_from, record.waited_until) == kept


def test_a_failure_by_a_clock_that_is_ahead_happened_when_it_was_read(team: Team, simulator: Simulator) -> None:
    record = read(team, simulator, "es-no-tax-id")
    shown = snapshots.cached(team, record.job_id, clock.now())
    assert shown is not None
    assert shown.job is not None
    earlier = clock.now() - timedelta(days=900)
    conclusion, again = conclude(shown.job, earlier), JobRecord(team=team, job_id=record.job_id)
    writing.fill(again, shown.row, shown.job, conclusion, earlier)
    assert (again.first_failed_at, again.ended_at) == (earlier, earlier)


def test_a_later_run_fixes_a_failure_in_either_reading_order(team: Team) -> None:
    failed, well, before = ran(team, 9, **FAILED), ran(team, 5, **WELL), ran(team, 7, **FAILED)
    for record in (failed, before):
        record.refresh_from_db()
        assert record.mended_by == well.job_id
    again = ran(team, 1, **FAILED)
    assert again.mended_by is None


@pytest.mark.parametrize("sent", [{"document": "not_sent"}, {"document": "accepted", "is_document_cancelled": True}])
def test_a_later_run_that_sent_nothing_or_took_it_back_fixes_nothing(team: Team, sent: dict[str, Any]) -> None:
    failed = ran(team, 9, **FAILED)
    ran(team, 5, outcome="completed", **sent)
    before = ran(team, 7, **FAILED)
    failed.refresh_from_db()
    assert (failed.mended_by, before.mended_by) == (None, None)


@pytest.mark.parametrize("is_success_first", [True, False])
@pytest.mark.parametrize(
    ("provider", "document", "workflow_id", "is_mended"),
    [
        ("verifactu.register", "not_applicable", "w", True),
        ("verifactu.register", "not_applicable", "another", False),
        ("verifactu.register", "accepted", "w", False),
        ("verifactu.cancel", "not_applicable", "w", False),  # it may have been skipped
        ("verifactu.cancel", "accepted", "w", False),
    ],
)
def test_a_failure_that_is_not_of_sending_is_fixed_by_a_success_of_its_kind(
    team: Team, provider: str, document: str, workflow_id: str, is_mended: bool, is_success_first: bool
) -> None:
    runs: list[tuple[int, dict[str, Any]]] = [
        (9, FAILED | {"document": "not_applicable", "workflow_id": "w", "failed_provider": provider}),
        (5, {"outcome": "completed", "document": document, "workflow_id": workflow_id}),
    ]
    made = {minutes: ran(team, minutes, **columns) for minutes, columns in runs[:: -1 if is_success_first else 1]}
    made[9].refresh_from_db()
    assert (made[9].mended_by == made[5].job_id) is is_mended


def test_a_key_of_another_workspace_starts_over(team: Team, simulator: Simulator) -> None:
    ran(team, 9, **FAILED)
    secret = Secret(simulator.tokens["es-live"])
    api_tokens.put_in_use(team, secret, api_tokens.workspace(secret))
    api_tokens.put_in_use(team, secret, api_tokens.workspace(secret))
    assert JobRecord.objects.exists()
    other = Secret(next(token for slug, token in simulator.tokens.items() if slug != "es-live"))
    Sweep.objects.create(team=team, read_up_to=clock.now(), is_on=False)
    api_tokens.put_in_use(team, other, api_tokens.workspace(other))
    assert Sweep.objects.filter(team=team, read_up_to=None, is_on=False).exists()
    assert not JobRecord.objects.exists()


def test_key_rotation_reencrypts_records(team: Team, simulator: Simulator, settings: Any) -> None:
    record = read(team, simulator, "es-no-tax-id")
    (identity,) = identities.of_jobs(team, [record.job_id]).values()
    old = settings.TOKEN_ENCRYPTION_KEYS
    new = "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldy0="
    settings.TOKEN_ENCRYPTION_KEYS = [new, *old]
    assert identities.find(team, identity.number) == [record.job_id]
    call_command("rotate_tokens", stdout=io.StringIO())
    settings.TOKEN_ENCRYPTION_KEYS = [new]
    assert identities.find(team, identity.number) == [record.job_id]
    assert identities.of_jobs(team, [record.job_id]) == {record.job_id: identity}
    record.refresh_from_db()
    assert encryption.is_newest(record.identity)


def test_records_are_deleted_with_the_team(team: Team, simulator: Simulator) -> None:
    read(team, simulator, "es-stub")
    team.delete()
    assert not JobRecord.objects.exists()
