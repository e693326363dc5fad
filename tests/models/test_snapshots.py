"""A snapshot's row is due or being refreshed, in Python and in the database alike."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from jobs.models import FURTHEST, LEASE, Snapshot, Team, WorkflowCopy
from tests.conftest import Stage

NOW = timezone.now()
SECOND = timedelta(seconds=1)
JOB = UUID("01a10b57-bee2-7cd4-9c8f-c9b91500a93e")

TIMES = {
    "no time": None,
    "over": NOW - SECOND,
    "now": NOW,
    "soon": NOW + SECOND,
    "at the furthest": NOW + FURTHEST,
    "of another clock": NOW + FURTHEST + SECOND,
}
LEASES = {
    "none": None,
    "run out": NOW - SECOND,
    "held": NOW + SECOND,
    "at the furthest": NOW + 2 * LEASE,
    "of another clock": NOW + 2 * LEASE + SECOND,
}


@pytest.mark.parametrize("next_at", TIMES.values(), ids=TIMES)
@pytest.mark.parametrize("lease_until", LEASES.values(), ids=LEASES)
def test_a_row_is_refreshable_when_due_and_not_leased(
    stage: Stage, next_at: datetime | None, lease_until: datetime | None
) -> None:
    row = Snapshot.objects.create(
        team=stage.acme, job_id=JOB, next_at=next_at, lease=uuid4(), lease_until=lease_until, expires_at=NOW
    )
    found = Snapshot.objects.filter(Snapshot.refreshable(NOW)).exists()
    assert found == (row.is_due(NOW) and not row.is_refreshing(NOW))


@pytest.mark.parametrize(("when", "due"), list(zip(TIMES, [False, True, True, False, False, True], strict=True)))
def test_a_row_is_due_at_its_time(when: str, due: bool) -> None:
    assert Snapshot(next_at=TIMES[when]).is_due(NOW) is due


@pytest.mark.parametrize(("when", "refreshing"), list(zip(LEASES, [False, False, True, True, False], strict=True)))
def test_a_lease_holds_until_it_expires(when: str, refreshing: bool) -> None:
    assert Snapshot(lease_until=LEASES[when]).is_refreshing(NOW) is refreshing


def test_sealed_data_decrypts_only_for_its_team_and_job_or_workflow() -> None:
    one, other = Team(pk=1), Team(pk=2)
    places = [Snapshot(team=one, job_id=JOB).place, Snapshot(team=other, job_id=JOB).place]
    places += [Snapshot(team=one, job_id=uuid4()).place, WorkflowCopy(team=one, workflow_id="w").place]
    assert len(set(places)) == 4


@pytest.mark.parametrize(
    ("fields", "text"), [({}, "new"), ({"trouble": "stale"}, "stale"), ({"outcome": "completed"}, "completed")]
)
def test_a_row_is_named_by_job_and_known_outcome(fields: dict[str, str], text: str) -> None:
    assert str(Snapshot(job_id=JOB, **fields)) == f"{JOB} ({text})"
