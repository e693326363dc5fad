"""Ten minutes in which the API answers nothing, by a clock of the test's own: who asks, how often, and what then."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from jobs import asking, tokens
from jobs.encryption import Secret
from jobs.models import Snapshot
from tests.conftest import Stage
from tests.invopop.asking import TOKEN
from tests.misbehaving import MisbehavingServer

JOBS, OUTAGE = 20, 600
SECOND = timedelta(seconds=1)


@dataclass
class World:
    """Every second each job that is due is asked for, as its watchers' polls would."""

    server: MisbehavingServer
    now: datetime
    asked: list[tuple[int, UUID]] = field(default_factory=list)  # second and job
    second: int = 0

    def go_on(self, seconds: int) -> None:
        for _ in range(seconds):
            self.second += 1
            self.now += SECOND
            for pk, job in Snapshot.objects.filter(next_at__lte=self.now).values_list("pk", "job_id"):
                before = len(self.server.requests)
                asking._ask(pk)
                if len(self.server.requests) > before:
                    self.asked.append((self.second, job))

    def per_second(self, since: int) -> Counter[int]:
        return Counter(second for second, _ in self.asked if second > since)


@pytest.fixture
def world(stage: Stage, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Twenty jobs that somebody watches, all with a copy."""
    with MisbehavingServer() as server:
        settings.INVOPOP_API_URL = server.url
        world = World(server, timezone.now())
        monkeypatch.setattr(timezone, "now", lambda: world.now)
        monkeypatch.setattr(asking, "TOLD_WITHIN", 0)
        tokens.put_in_use(stage.acme, Secret(TOKEN), None)
        for _ in range(JOBS):
            Snapshot.objects.create(
                team=stage.acme, job_id=uuid4(), next_at=world.now, expires_at=world.now + timedelta(hours=1)
            )
        world.go_on(3)
        assert Snapshot.objects.filter(fetched_at__isnull=False).count() == JOBS
        yield world


def test_attempts_fall_to_one_in_half_a_minute_a_job_and_do_not_come_together(world: World) -> None:
    world.server.fault = "U019 503"
    world.go_on(OUTAGE)
    calm = world.second - OUTAGE + 60
    of_a_job = Counter(job for second, job in world.asked if second > calm)
    assert max(of_a_job.values()) <= (OUTAGE - 60) / 30
    in_all = world.per_second(calm)
    assert sum(in_all.values()) <= (OUTAGE - 60) / 10  # the breaker lets one through in ten seconds
    assert max(in_all.values()) == 1
    due = {(row.next_at - world.now).total_seconds() // 1 for row in Snapshot.objects.all() if row.next_at}
    assert len(due) > 5


def test_when_it_is_back_all_copies_are_fresh_in_half_a_minute_without_a_rush(world: World) -> None:
    normal = max(world.per_second(0).values())
    world.server.fault = "U019 503"
    world.go_on(OUTAGE)
    assert not Snapshot.objects.filter(trouble="").exists()
    world.server.fault = None
    back = world.second
    world.go_on(30)
    assert Snapshot.objects.filter(trouble="").count() == JOBS
    assert max(world.per_second(back).values()) <= 2 * normal


def test_copies_of_before_stay_with_their_age(world: World) -> None:
    before = dict(Snapshot.objects.values_list("job_id", "checked_at"))
    world.server.fault = "U019 503"
    world.go_on(120)
    for row in Snapshot.objects.all():
        assert (row.checked_at, row.trouble) == (before[row.job_id], Snapshot.Trouble.STALE)
        assert row.failing_since is not None
