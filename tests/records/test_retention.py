"""Old records are deleted, and so are jobs that were queued long ago and never read."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from jobs import clock
from jobs.models import JobRecord, JobToRead, Team
from jobs.records import retention

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def team() -> Team:
    return Team.objects.create(slug="acme", name="Acme")


@pytest.mark.parametrize(
    ("ended", "read", "goes"), [(31, 1, True), (29, 29, False), (None, 31, True), (None, 1, False)]
)
def test_retention_counts_from_the_end_or_else_the_last_reading(
    team: Team, settings: Any, ended: int | None, read: int, goes: bool
) -> None:
    now = clock.now()
    JobRecord.objects.create(
        team=team, job_id=uuid.uuid4(), read_at=now - read * DAY, ended_at=now - ended * DAY if ended else None
    )
    assert retention.drop_old(now) == goes


def test_unread_job_requests_are_deleted_after_a_week(team: Team) -> None:
    now = clock.now()
    for days in (6, 8):
        JobToRead.objects.create(team=team, job_id=uuid.uuid4(), wanted_at=now - days * DAY)
    retention.drop_old(now)
    assert JobToRead.objects.count() == 1
