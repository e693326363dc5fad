"""Refreshing due rows in a few background threads, and waiting for them."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone

from jobs.models import Snapshot, Team
from jobs.simulator.server import Simulator
from jobs.upstream import snapshots, store
from tests.upstream.viewing import look

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_hundred_concurrent_views_cost_one_request(team: Team, finished: UUID, simulator: Simulator) -> None:
    together = threading.Barrier(20)

    def open_page() -> None:
        together.wait()
        look(team, finished)
        connection.close()

    with ThreadPoolExecutor(20) as people:
        list(people.map(lambda _: open_page(), range(200)))
    assert simulator.requests.count(str(finished)) == 1


def test_concurrent_responses_are_stored_one_at_a_time(
    team: Team, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite lets one write and makes the others sleep, people's own requests among them."""
    still_ours, at_work, seen = store.lease.if_held, threading.Semaphore(1), []

    def watched(*given: Any) -> Any:
        seen.append(at_work.acquire(blocking=False))
        transaction.on_commit(at_work.release)
        return still_ours(*given)

    monkeypatch.setattr(store.lease, "if_held", watched)
    jobs = [UUID(simulator.start_job("es-stub")) for _ in range(8)]
    snapshots.ask_in_parallel({job: [team] for job in jobs}, timezone.now(), 10)
    assert seen == [True] * 8


def test_a_large_response_is_parsed_while_others_write(
    team: Team, job_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite a transaction keeps everybody from writing, people's look-ups as well."""
    parse, seen = store.job_payload.parse, []

    def watched(body: bytes) -> Any:
        seen.append((store.writing.locked(), connection.in_atomic_block))
        return parse(body)

    monkeypatch.setattr(store.job_payload, "parse", watched)
    row = snapshots.for_page(team, job_id, timezone.now()).row
    assert row.fetched_at is not None
    assert set(seen) == {(False, False)}


def test_a_waiting_page_takes_over_from_a_dead_holder(team: Team, job_id: UUID, simulator: Simulator) -> None:
    """Nobody else looks, and the lease runs out only while this page is waiting."""
    now = timezone.now()
    lease = {"lease": uuid.uuid4(), "lease_until": now + timedelta(seconds=0.3), "asked_at": now}
    Snapshot.objects.create(team=team, job_id=job_id, next_at=now, expires_at=now + timedelta(hours=1), **lease)
    assert look(team, job_id).job is not None
    assert simulator.requests.count(str(job_id)) == 1
