"""No minute exceeds the budget."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from jobs import clock
from jobs.models import Sweep, Team, Token
from jobs.records import sweep_budget

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def sweep() -> Sweep:
    return Sweep.objects.create(team=Team.objects.create(slug="acme", name="Acme"))


def spent(sweep: Sweep, token: Token, start: datetime) -> Iterator[datetime]:
    """Greedily, ten times a second for four minutes."""
    for step in range(2_400):
        now = start + timedelta(seconds=step / 10)
        while sweep_budget.may_spend(sweep, token, now):
            yield now


@pytest.mark.parametrize("budget", [1, 2, 5, 6, 7, 30, 60])
def test_no_minute_exceeds_the_budget(sweep: Sweep, settings: Any, budget: int) -> None:
    settings.SWEEP_A_MINUTE = budget
    times = list(spent(sweep, Token(), clock.now()))
    assert max(sum(at <= each < at + MINUTE for each in times) for at in times) <= budget
    assert len(times) >= 4 * budget // 2


def test_throttling_halves_the_budget_for_a_while(sweep: Sweep, settings: Any) -> None:
    settings.SWEEP_A_MINUTE = 60
    now = clock.now()
    token = Token(throttled_until=now - timedelta(seconds=1))
    assert sweep_budget.budget(token, now) == 30
    assert sweep_budget.budget(token, now + timedelta(minutes=15)) == 60


def test_a_budget_of_zero_allows_nothing(sweep: Sweep, settings: Any) -> None:
    settings.SWEEP_A_MINUTE = 0
    assert not sweep_budget.may_spend(sweep, Token(throttled_until=clock.now()), clock.now())


def test_concurrent_requests_spend_once(sweep: Sweep, settings: Any) -> None:
    settings.SWEEP_A_MINUTE = 1
    other, now = Sweep.objects.get(pk=sweep.pk), clock.now()
    assert [sweep_budget.may_spend(each, Token(), now) for each in (sweep, other)] == [True, False]


def test_a_clock_set_back_blocks_nothing_for_long(sweep: Sweep, settings: Any) -> None:
    settings.SWEEP_A_MINUTE = 60
    now = clock.now()
    sweep.spent_until = now + timedelta(hours=5)
    sweep.save()
    assert sweep_budget.may_spend(sweep, Token(), now)
