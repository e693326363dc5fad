"""A response is stored, encrypted and unchanged, if lease and API key are those of its attempt."""

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs import encryption
from jobs.models import JobRecord, Snapshot, SnapshotBody, Team, Token
from jobs.upstream import lease, snapshots, store
from tests.upstream.viewing import look, make_due, poll

pytestmark = pytest.mark.django_db(transaction=True)


class TestWhatIsStored:
    def test_the_body_is_encrypted_and_bound_to_its_row(self, team: Team, waiting: UUID) -> None:
        row = look(team, waiting).row
        sealed = bytes(SnapshotBody.objects.get(snapshot=row).sealed)
        assert str(waiting).encode() not in sealed
        with pytest.raises(encryption.Unreadable):
            encryption.unseal_bytes(sealed, "body:0:0")

    @pytest.mark.parametrize(
        "odd",
        [
            b'"x":NaN',
            b'"x":' + b"9" * 5000,
            b'"status":"\\ud800"',
            b'"key":"a\\u0000b"',
            b'"x":' + b"[" * 100_000 + b"]" * 100_000,
        ],
        ids=["NaN", "5000 digits", "lone surrogate", "NUL", "deep"],
    )
    def test_unusual_content_is_stored_and_read_back(self, team: Team, waiting: UUID, odd: bytes) -> None:
        look(team, waiting)
        row = lease.take(make_due(waiting).pk, timezone.now())
        assert row is not None
        body = b'{"id":"%s",' % str(waiting).encode() + odd + b"}"
        store.store(row, team.token, body, timezone.now())  # type: ignore[arg-type]
        shown = snapshots.cached(team, waiting, timezone.now())
        assert shown is not None
        assert shown.body == body
        assert shown.job is not None

    def test_destinations_say_which_step_cancelled_the_document_there(self, team: Team, waiting: UUID) -> None:
        steps = [("verifactu.send", "Send"), ("gov-es.ticketbai.send", "Send"), ("verifactu.cancel", "Cancel")]
        intents = [
            {"provider": action, "name": name, "events": [{"index": 0, "status": "OK"}]} for action, name in steps
        ]
        told = {"id": str(waiting), "completed_at": "2026-10-05T09:00:00Z", "intents": intents}
        look(team, waiting)
        row = lease.take(make_due(waiting).pk, timezone.now())
        assert row is not None
        store.store(row, team.token, json.dumps(told).encode(), timezone.now())  # type: ignore[arg-type]
        found = json.loads(Snapshot.objects.get(pk=row.pk).deliveries)
        assert {each["to"]: each.get("cancelled_by") for each in found} == {"AEAT": "Cancel", "TicketBAI": None}

    @pytest.mark.parametrize("actions", [["verifactu.send"], ["verifactu.send", "verifactu.cancel"]])
    def test_rows_say_whether_the_document_was_cancelled_where_it_was(
        self, team: Team, waiting: UUID, actions: list[str]
    ) -> None:
        intents = [{"provider": action, "events": [{"index": 0, "status": "OK"}]} for action in actions]
        told = {"id": str(waiting), "completed_at": "2026-10-05T09:00:00Z", "intents": intents}
        look(team, waiting)
        row = lease.take(make_due(waiting).pk, timezone.now())
        assert row is not None
        store.store(row, team.token, json.dumps(told).encode(), timezone.now())  # type: ignore[arg-type]
        for stored in (Snapshot.objects.get(pk=row.pk), JobRecord.objects.get(job_id=waiting)):
            assert (stored.document, stored.is_document_cancelled) == ("accepted", len(actions) == 2)


def test_an_unchanged_job_keeps_its_version_and_body(team: Team, waiting: UUID) -> None:
    before = look(team, waiting).row
    sealed = bytes(SnapshotBody.objects.get(snapshot=before).sealed)
    after = poll(waiting)
    assert (after.version, after.fetched_at) == (before.version, before.fetched_at)
    assert after.checked_at is not None
    assert before.checked_at is not None
    assert after.checked_at > before.checked_at
    assert bytes(SnapshotBody.objects.get(snapshot=before).sealed) == sealed


def test_a_changed_body_replaces_the_last_one_in_one_statement(team: Team, waiting: UUID) -> None:
    look(team, waiting)
    row = lease.take(make_due(waiting).pk, timezone.now())
    assert row is not None
    with CaptureQueriesContext(connection) as queries:
        store.store(row, team.token, b'{"id":"%s"}' % str(waiting).encode(), timezone.now())  # type: ignore[arg-type]
    assert sum("snapshotbody" in query["sql"] for query in queries) == 1
    shown = snapshots.cached(team, waiting, timezone.now())
    assert shown is not None
    assert shown.body == b'{"id":"%s"}' % str(waiting).encode()


def test_a_retry_that_becomes_late_changes_the_version_once(team: Team, waiting: UUID) -> None:
    soon, still_soon, late, still_late = _versions(team, waiting, 0, 1, 60, 120)
    assert soon == still_soon != late == still_late


def test_a_retry_that_is_late_from_the_start_keeps_its_version(team: Team, waiting: UUID) -> None:
    first, second, third = _versions(team, waiting, 600, 601, 1200)
    assert first == second == third


def _versions(team: Team, waiting: UUID, *seconds: int) -> list[str]:
    """The stored version after the same response, so many seconds after the failed attempt."""
    look(team, waiting)
    failed = timezone.now()
    error = b'{"index":0,"status":"ERR","at":"%s"}' % failed.isoformat().encode()
    body = b'{"id":"%s","intents":[{"provider":"gov-pl.send","events":[%s]}]}' % (str(waiting).encode(), error)
    versions = []
    for later in seconds:
        row = lease.take(make_due(waiting).pk, timezone.now())
        assert row is not None
        store.store(row, team.token, body, failed + timedelta(seconds=later))  # type: ignore[arg-type]
        versions.append(Snapshot.objects.get(job_id=waiting).version)
    return versions


def test_a_response_after_losing_the_lease_is_dropped(team: Team, waiting: UUID) -> None:
    look(team, waiting)
    row = lease.take(make_due(waiting).pk, timezone.now())
    assert row is not None
    Snapshot.objects.update(lease=uuid.uuid4())
    store.store(row, team.token, b'{"id":"late"}', timezone.now())  # type: ignore[arg-type]
    assert Snapshot.objects.get(job_id=waiting).version == row.version


def test_a_response_for_an_old_token_is_not_stored_under_the_new_one(team: Team, waiting: UUID) -> None:
    look(team, waiting)
    row = lease.take(make_due(waiting).pk, timezone.now())
    old = team.token
    assert row is not None
    assert old is not None
    Token.objects.filter(pk=old.pk).update(in_use=False)
    store.store(row, old, b'{"id":"of the old workspace"}', timezone.now())
    assert Snapshot.objects.get(job_id=waiting).version == row.version


class TestAResponseOlderThanTheCopy:
    @pytest.fixture
    def stored(self, team: Team, waiting: UUID) -> Callable[..., Snapshot]:
        """Stores a response updated that many seconds from now, and returns the row."""
        look(team, waiting)

        def stored(seconds: float, status: str, *, is_end: bool = False) -> Snapshot:
            now = timezone.now()
            at = (now + timedelta(seconds=seconds)).isoformat()
            body = {"id": str(waiting), "status": status, "updated_at": at} | ({"completed_at": at} if is_end else {})
            row = lease.take(make_due(waiting).pk, now)
            assert row is not None
            store.store(row, team.token, json.dumps(body).encode(), now)  # type: ignore[attr-defined]
            return Snapshot.objects.get(pk=row.pk)

        return stored

    def test_it_changes_nothing_and_the_job_is_still_polled(self, stored: Callable[..., Snapshot]) -> None:
        before = stored(-10, "RUN")
        after = stored(-20, "NA")
        assert (after.version, after.updated_at) == (before.version, before.updated_at)
        assert after.next_at is not None

    def test_the_end_of_a_job_is_news_whatever_its_time(self, stored: Callable[..., Snapshot]) -> None:
        stored(-10, "RUN")
        assert stored(-20, "OK", is_end=True).outcome == "completed"

    def test_a_time_in_the_future_does_not_hide_what_follows(self, stored: Callable[..., Snapshot]) -> None:
        before = stored(3600, "RUN")
        after = stored(-1, "ERR")
        assert after.version != before.version
        assert stored(-1, "OK", is_end=True).is_finished

    def test_one_of_an_open_job_neither_reopens_an_ended_one_nor_starts_polling_it(
        self, stored: Callable[..., Snapshot]
    ) -> None:
        ended = stored(-10, "OK", is_end=True)
        after = stored(-20, "RUN")
        assert (after.outcome, after.is_finished) == (ended.outcome, True)
        assert after.next_at is None
