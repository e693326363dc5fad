"""A circuit breaker for the API, shared by all processes."""

from uuid import UUID

import pytest
from django.utils import timezone

from jobs.models import Origin, Team
from jobs.simulator.server import Simulator
from jobs.upstream import circuit_breaker
from tests.upstream.viewing import TROUBLE, look, poll

pytestmark = pytest.mark.django_db(transaction=True)


class TestTheBreaker:
    URL = "http://api.invalid"

    def test_it_opens_after_consecutive_failures_and_lets_one_through(self) -> None:
        now = timezone.now()
        for _ in range(circuit_breaker.FAILURES):
            assert circuit_breaker.may_ask(self.URL, now)
            circuit_breaker.failed(self.URL, now)
        assert not circuit_breaker.may_ask(self.URL, now)
        later = now + circuit_breaker.PAUSE
        assert [circuit_breaker.may_ask(self.URL, later) for _ in range(3)] == [True, False, False]

    def test_one_good_response_closes_it(self) -> None:
        now = timezone.now()
        for _ in range(circuit_breaker.FAILURES):
            circuit_breaker.failed(self.URL, now)
        circuit_breaker.answered(self.URL)
        assert circuit_breaker.may_ask(self.URL, now)
        assert Origin.objects.get().failures == 0


def test_while_open_each_job_reschedules_soon_without_requests(team: Team, waiting: UUID, simulator: Simulator) -> None:
    look(team, waiting)
    Origin.objects.create(
        url=simulator.url, failures=circuit_breaker.FAILURES, open_until=timezone.now() + circuit_breaker.PAUSE
    )
    row = poll(waiting)
    assert (row.trouble, row.reason) == (TROUBLE.STALE, "api down")
    assert row.next_at is not None
    assert circuit_breaker.PAUSE / 2 < row.next_at - timezone.now() <= circuit_breaker.PAUSE * 1.5
    assert simulator.requests.count(str(waiting)) == 1
