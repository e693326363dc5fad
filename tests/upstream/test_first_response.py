"""A page without a copy waits for the first response, but not longer than an attempt, and not with many others."""

from contextlib import ExitStack
from uuid import UUID

import pytest

from jobs.invopop.transport import Limits
from jobs.models import Snapshot, Team
from jobs.simulator.server import Simulator
from jobs.upstream import first_response
from tests.upstream.viewing import look

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_page_waits_longer_than_one_attempt_takes() -> None:
    assert Limits().total < first_response.LONGEST_WAIT


def test_a_page_waits_for_the_response(team: Team, job_id: UUID, simulator: Simulator) -> None:
    simulator.misbehave(str(job_id), "slow:0.2")
    assert look(team, job_id).has_copy


def test_one_page_too_many_does_not_wait(team: Team, job_id: UUID, simulator: Simulator) -> None:
    simulator.misbehave(str(job_id), "slow:0.2")
    with ExitStack() as pages:
        while first_response.WAITING_PAGES.acquire(blocking=False):
            pages.callback(first_response.WAITING_PAGES.release)
        assert not look(team, job_id).has_copy
    assert first_response.wait(Snapshot.objects.get(job_id=job_id)).fetched_at
