"""Jobs known to the team: rows as after a look-up, without the API."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from jobs.models import Snapshot, Team
from tests.conftest import Stage

NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
Seen = Callable[..., UUID]


@pytest.fixture
def seen(stage: Stage) -> Seen:
    """Creates a stored job, with its silo entry if given."""

    def make(entry: str = "", team: Team | None = None, **fields: object) -> UUID:
        job_id = uuid4()
        given = {"fetched_at": NOW, "expires_at": NOW + timedelta(days=1), "entry_id": entry} | fields
        Snapshot.objects.create(team=team or stage.acme, job_id=job_id, **given)
        return job_id

    return make
