"""Opening a job: the rate limit before the API request, and the audit record afterwards."""

import sqlite3
from contextlib import closing, suppress
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.signals import request_finished
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone

from jobs.http import Request
from jobs.lookup.rate_limit import TooMany
from jobs.models import LookUp
from jobs.views import opening
from tests.conftest import Stage


@pytest.fixture
def request_of_bob(stage: Stage) -> Request:
    request: Any = RequestFactory().get("/")
    request.user = stage.bob
    return request  # type: ignore[no-any-return]


def test_an_unknown_job_counts_against_the_person_and_a_known_one_does_not(
    stage: Stage, bob: Any, job_id: str, request_of_bob: Request, settings: Any
) -> None:
    bob.get(f"/teams/acme/jobs/{job_id}/")
    settings.LOOK_UPS_A_MINUTE = 1
    with suppress(TooMany):  # a minute may end in between
        opening.enforce_lookup_limit(request_of_bob, stage.acme, uuid4())
        opening.enforce_lookup_limit(request_of_bob, stage.acme, uuid4())
    with pytest.raises(TooMany):
        opening.enforce_lookup_limit(request_of_bob, stage.acme, uuid4())
    opening.enforce_lookup_limit(request_of_bob, stage.acme, UUID(job_id))


def test_pages_of_one_job_are_recorded_once_an_hour(stage: Stage, request_of_bob: Request) -> None:
    job = uuid4()
    for _ in range(3):
        opening.record_once(request_of_bob, stage.acme, job, "completed")
    look = LookUp.objects.get()
    assert (look.user, look.team, look.job_id, look.outcome) == (stage.bob, stage.acme, job, "completed")
    LookUp.objects.update(at=timezone.now() - opening.ONE_LOOK - timedelta(seconds=1), minute=None)
    opening.record_once(request_of_bob, stage.acme, job, "completed")
    assert LookUp.objects.count() == 2


def test_another_job_is_recorded_separately(stage: Stage, request_of_bob: Request) -> None:
    for _ in range(2):
        opening.record_once(request_of_bob, stage.acme, uuid4(), "")
    assert LookUp.objects.count() == 2


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL locks rows")
def test_a_page_does_not_wait_for_another_writer_and_is_recorded_after_it(
    stage: Stage, request_of_bob: Request
) -> None:
    job = uuid4()
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        opening.record_without_waiting(request_of_bob, stage.acme, job, "running")
        other.rollback()
    assert not LookUp.objects.exists()
    request_finished.send(sender=None)
    look = LookUp.objects.get()
    assert (look.user, look.job_id, look.outcome) == (stage.bob, job, "running")


def test_a_page_is_recorded_before_it_is_sent_if_nobody_else_writes(stage: Stage, request_of_bob: Request) -> None:
    opening.record_without_waiting(request_of_bob, stage.acme, uuid4(), "running")
    assert LookUp.objects.count() == 1
