"""Sweeps: each job once, within the budget, after people's requests, and not while the API is down."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from jobs import clock
from jobs.failures import queries, ranges
from jobs.failures.filters import Filters
from jobs.models import LEASE, JobRecord, JobToRead, Origin, Snapshot, Sweep, Team, Token
from jobs.records import sweep, workspace_list
from jobs.simulator import busy_day
from jobs.simulator.server import Simulator
from jobs.upstream import circuit_breaker, snapshots
from tests.conftest import Stage, give_token
from tests.misbehaving import MisbehavingServer

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/transform/v1/jobs"
WORKFLOWS = "/transform/v1/workflows"
NAME = "XRechnung issue invoice"
QUIET = "de-live"  # a workspace whose jobs are weeks old


@pytest.fixture
def api(settings: Any) -> Iterator[Simulator]:
    """A separate simulator, so that its requests can be counted."""
    settings.SWEEP_A_MINUTE = 100_000
    with Simulator() as simulator:
        settings.INVOPOP_API_URL = simulator.url
        yield simulator


@pytest.fixture
def team(stage: Stage, api: Simulator) -> Team:
    give_token(stage.acme, api, QUIET)
    api.requests.clear()
    return stage.acme


def run(team: Team, slices: int = 20) -> None:
    for _ in range(slices):
        if sweep.run(team, lambda: False) > clock.now():
            return


def asked(api: Simulator) -> Counter[str]:
    """The number of requests per job, and of the list under "list"."""
    paths = [each.path for each in api.requests.all()]
    return Counter("list" if path == LIST else path.rpartition("/")[2] for path in paths if path.startswith(LIST))


def workflows_asked(api: Simulator) -> list[str]:
    return [each.path for each in api.requests.all() if each.path.startswith(WORKFLOWS)]


def start(api: Simulator, key: str = "es-quick", **more: Any) -> UUID:
    return UUID(api.start_job(key, speed=1_000_000, workspace=QUIET, **more))


def list_again(team: Team) -> None:
    Sweep.objects.filter(team=team).update(list_at=None)


def try_again(team: Team) -> None:
    """The pauses are over, but the list is not read again."""
    Sweep.objects.filter(team=team).update(list_at=clock.now() + workspace_list.EVERY)
    JobToRead.objects.update(not_before=None)
    Origin.objects.all().delete()  # closes the circuit


def test_new_jobs_are_read_once(team: Team, api: Simulator) -> None:
    jobs = [start(api) for _ in range(3)]
    for _ in range(3):
        run(team)
        list_again(team)
    counts = asked(api)
    assert [counts[str(job)] for job in jobs] == [1, 1, 1]
    assert counts["list"] == 3
    assert set(JobRecord.objects.values_list("job_id", flat=True)) == set(jobs)
    assert not JobToRead.objects.exists()


def test_each_workflow_is_requested_once_so_that_its_jobs_have_its_name(team: Team, api: Simulator) -> None:
    jobs = [start(api, "de-quick") for _ in range(3)]
    run(team)
    assert {record.job_id: record.workflow_name for record in JobRecord.objects.all()} == dict.fromkeys(jobs, NAME)
    list_again(team)
    start(api, "de-quick")
    run(team)
    assert len(workflows_asked(api)) == 1


def test_a_workflow_that_cannot_be_fetched_is_not_requested_for_each_job(team: Team, api: Simulator) -> None:
    api.misbehave(WORKFLOWS, "500")
    for _ in range(3):
        start(api, "de-quick")
    run(team)
    assert len(workflows_asked(api)) == 1
    assert {record.workflow_name for record in JobRecord.objects.all()} == {""}


def test_a_workflow_counts_towards_the_budget(team: Team, api: Simulator, settings: Any) -> None:
    settings.SWEEP_A_MINUTE = 2
    start(api, "de-quick")
    for _ in range(4):
        run(team)
    assert len(api.requests.all()) <= 2


def test_jobs_read_before_their_workflow_get_its_name(team: Team, api: Simulator) -> None:
    job = start(api, "de-quick")
    api.misbehave(WORKFLOWS, "500")
    run(team)
    cache.clear()
    api.misbehave(WORKFLOWS, None)
    start(api, "de-quick")
    list_again(team)
    run(team)
    assert JobRecord.objects.get(job_id=job).workflow_name == NAME


def test_a_quiet_workspace_costs_one_request_a_minute(team: Team, api: Simulator) -> None:
    run(team)
    run(team)
    assert asked(api) == {"list": 1}
    assert sweep.run(team, lambda: False) > clock.now() + timedelta(seconds=50)


def test_a_changed_job_is_read_again(team: Team, api: Simulator) -> None:
    job = UUID(api.start_job("es-quick", speed=1, workspace=QUIET))
    run(team)
    record = JobRecord.objects.get(job_id=job)
    assert record.ended_at is None
    later = clock.now() + timedelta(minutes=5)
    api.clock = lambda: later
    list_again(team)
    run(team)
    record.refresh_from_db()
    assert record.ended_at is not None
    assert asked(api)[str(job)] == 2


def test_a_watched_job_is_not_requested_twice(team: Team, api: Simulator) -> None:
    job = start(api)
    snapshots.for_page(team, job, clock.now())
    run(team)
    assert asked(api)[str(job)] == 1


@pytest.mark.parametrize(("days", "hours", "again"), [(2, 2, 1), (2, 0, 0), (9, 2, 0), (9, 7, 1)])
def test_a_job_open_for_days_is_checked_occasionally(
    team: Team, api: Simulator, days: int, hours: int, again: int
) -> None:
    now = clock.now()
    old = JobRecord.objects.create(
        team=team, job_id=UUID("01890000-0000-7000-8000-000000000002"), outcome="waiting",
        created_at=now - timedelta(days=days), read_at=now - timedelta(hours=hours),
    )  # fmt: skip
    run(team)
    assert asked(api)[str(old.job_id)] == again


def test_a_lease_of_another_process_is_respected(team: Team, api: Simulator) -> None:
    job = start(api)
    row = snapshots._row(team, job, clock.now())
    Snapshot.objects.filter(pk=row.pk).update(lease=row.team.pk and job, lease_until=clock.now() + LEASE)
    run(team)
    assert asked(api)[str(job)] == 0
    assert JobToRead.objects.get().tries == 1


@pytest.mark.parametrize("fault", ["500", "html"])
def test_a_job_that_cannot_be_read_for_long_is_read_later(team: Team, api: Simulator, fault: str) -> None:
    """The list names an ended job only while it is new."""
    job = start(api)
    api.misbehave(str(job), fault)
    for _ in range(sweep.WAITED_FOR):
        assert sweep.of(team).finished_at is None
        run(team)
        try_again(team)
    assert sweep.of(team).finished_at is not None  # a reading does not wait for it any longer
    api.misbehave(str(job), None)
    run(team)
    assert JobRecord.objects.filter(job_id=job).exists()


def test_a_job_that_can_never_be_read_is_given_up(team: Team, api: Simulator) -> None:
    job = start(api)
    api.misbehave(str(job), "500")
    for _ in range(sweep.TRIES + 1):
        run(team)
        try_again(team)
    assert asked(api)[str(job)] == sweep.TRIES
    assert not JobToRead.objects.exists()


def test_a_job_beyond_our_limits_is_requested_rarely_and_said_to_be(
    team: Team, settings: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", timezone.now)  # the database's own clock does not travel
    job, now = uuid4(), clock.now()
    with MisbehavingServer() as server:
        settings.INVOPOP_API_URL = server.url
        server.misbehave(str(job), "U065 200 GB, stated only")
        Sweep.objects.create(team=team, list_at=now + timedelta(days=9))
        for minute in range(0, 24 * 60, 5):
            with time_machine.travel(now + timedelta(minutes=minute), tick=False):
                if minute in {0, 10, 15}:
                    sweep.queue_reported(team, job, clock.now())  # each would begin all tries again
                sweep.run(team, lambda: False)
        requests = [each for each in server.requests if str(job) in each.path]
    assert 2 <= len(requests) <= sweep.TRIES_IF_TOO_MUCH + 2
    assert not JobToRead.objects.exists()
    assert f"job {job} of team acme is too large to be read: too large" in caplog.text


def test_nothing_is_requested_while_the_circuit_breaker_is_open(team: Team, api: Simulator, settings: Any) -> None:
    now = clock.now()
    Origin.objects.create(url=api.url, failures=circuit_breaker.FAILURES, open_until=now + timedelta(seconds=9))
    run(team)
    assert not asked(api)
    Origin.objects.update(open_until=now)
    run(team)
    assert asked(api)["list"] == 1
    assert not circuit_breaker.is_open(api.url, clock.now())


def test_throttling_by_the_api_is_respected(team: Team, api: Simulator) -> None:
    api.misbehave(LIST, "429:7", times=1)
    run(team)
    run(team)
    assert asked(api) == {"list": 1}
    token = Token.objects.get(team=team, in_use=True)
    assert token.throttled_until is not None
    assert sweep.run(team, lambda: False) > clock.now() + timedelta(seconds=3)


def test_a_refused_key_is_not_retried(team: Team, api: Simulator) -> None:
    api.misbehave(LIST, "401", times=1)
    run(team)
    run(team)
    assert asked(api) == {"list": 1}


@pytest.mark.parametrize("how", ["off", "no budget", "no key"])
def test_nothing_is_read_without_permission(team: Team, api: Simulator, settings: Any, how: str) -> None:
    if how == "off":
        Sweep.objects.create(team=team, is_on=False)
    elif how == "no budget":
        settings.SWEEP_A_MINUTE = 0
    else:
        Token.objects.retire(team)
    run(team)
    assert not asked(api)


def test_a_webhook_triggers_reading_without_the_list(team: Team, api: Simulator) -> None:
    run(team)
    job = start(api)
    sweep.queue_reported(team, job, clock.now())
    run(team)
    assert asked(api) == {"list": 1, str(job): 1}


def invent(team: Team, jobs: int) -> None:
    """As a flood of webhooks does: each names a job that does not exist."""
    for _ in range(jobs):
        sweep.queue_reported(team, uuid4(), clock.now())


def test_webhooks_fill_the_queue_to_a_bound(team: Team, api: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "MOST_UNLISTED", 5)
    invent(team, 20)
    assert JobToRead.objects.count() == 5
    run(team)
    assert not JobToRead.objects.exists()
    assert sweep.queue_reported(team, uuid4(), clock.now())


def test_a_full_queue_loses_no_job(team: Team, api: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "MOST_UNLISTED", 5)
    opened, new = UUID(api.start_job("es-quick", speed=1, workspace=QUIET)), start(api)
    run(team)
    JobRecord.objects.filter(job_id=new).delete()
    api.requests.clear()
    invent(team, 20)
    assert sweep.queue_reported(team, opened, clock.now())  # it has a record
    assert not sweep.queue_reported(team, new, clock.now())
    list_again(team)
    run(team)
    assert asked(api)[str(opened)] == asked(api)[str(new)] == 1
    assert JobRecord.objects.filter(job_id=new).exists()


def test_a_job_that_has_ended_is_not_read_for_a_webhook(team: Team, api: Simulator) -> None:
    """Replays of all the team's webhooks would take the budget for hours."""
    ended = start(api)
    run(team)
    assert sweep.queue_reported(team, ended, clock.now())
    assert not JobToRead.objects.exists()


def test_listed_jobs_are_read_before_invented_ones(team: Team, api: Simulator) -> None:
    jobs = [str(start(api)) for _ in range(3)]
    for job in jobs[:2]:
        sweep.queue_reported(team, UUID(job), clock.now())
    invent(team, 20)
    run(team)
    assert set(list(asked(api))[1:4]) == set(jobs)


def test_a_requested_reading_does_not_wait_for_invented_jobs(
    team: Team, api: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(api)
    run(team)
    sweep.begin_reading(team, 24, clock.now())
    read = sweep._read

    def read_and_invent(*job: Any) -> bool:
        invent(team, 2)
        return read(*job)

    monkeypatch.setattr(sweep, "_read", read_and_invent)
    monkeypatch.setattr(sweep, "SLICE", timedelta(seconds=0.5))
    invent(team, 1)
    sweep.run(team, lambda: False)
    assert JobToRead.objects.exists()
    assert not sweep.is_reading(sweep.of(team))


def test_a_missing_job_is_given_up(team: Team, api: Simulator) -> None:
    run(team)
    nowhere = UUID("01890000-0000-7000-8000-000000000001")
    sweep.queue_reported(team, nowhere, clock.now())
    run(team)
    assert not JobToRead.objects.exists()
    assert asked(api)[str(nowhere)] == 1


def test_the_sweep_stays_within_the_budget(team: Team, api: Simulator, settings: Any) -> None:
    for _ in range(12):
        start(api)
    settings.SWEEP_A_MINUTE = 12
    run(team)
    assert sum(asked(api).values()) == 2  # at once; the rest over the minute
    assert sweep.run(team, lambda: False) > clock.now() + timedelta(seconds=1)


def test_a_requested_reading_reports_its_end(team: Team, api: Simulator) -> None:
    Sweep.objects.create(team=team, is_on=False)
    run(team)
    assert not asked(api)
    for _ in range(3):
        start(api)
    sweep.begin_reading(team, 24, clock.now())
    found = sweep.of(team)
    assert sweep.is_reading(found)
    run(team)
    found.refresh_from_db()
    assert not sweep.is_reading(found)
    assert found.reading_found == 3
    assert JobRecord.objects.count() == 3


def test_a_reading_requested_again_while_running_continues(team: Team, api: Simulator) -> None:
    first = sweep.begin_reading(team, 24, clock.now())
    again = sweep.begin_reading(team, 24, clock.now() + timedelta(seconds=5))
    assert again.reading_began_at == first.reading_began_at


def test_a_noted_page_survives_its_reader(team: Team, api: Simulator) -> None:
    """After a kill between two writes, listed jobs are stored, and the walk continues."""
    for _ in range(3):
        start(api)
    found = sweep.of(team)
    workspace_list.begin(found, clock.now())
    sweep._list(found, team, clock.now())
    assert JobToRead.objects.count() == 3
    run(team)
    assert max(asked(api).values()) == 1


@pytest.mark.slow
def test_a_day_of_two_thousand_jobs_is_counted_exactly(stage: Stage, settings: Any) -> None:
    """On PostgreSQL a fifth of them, because each of many statements is a round trip."""
    jobs = 2_000 if connection.vendor == "sqlite" else 400
    settings.SWEEP_A_MINUTE = 100_000
    with Simulator(busy=QUIET, jobs=jobs) as api:
        settings.INVOPOP_API_URL = api.url
        give_token(stage.acme, api, QUIET)
        api.requests.clear()
        planned = list(busy_day.day(api.world.begun, QUIET, jobs))
        run(stage.acme, slices=500)
        counts = asked(api)
    pages = counts.pop("list")
    assert pages >= jobs // 100 + 1  # the last one is older than the day; the top is looked at once a minute
    assert len(counts) == jobs
    assert set(counts.values()) == {1}
    failed = JobRecord.objects.exclude(cause="")
    assert failed.count() == jobs // 5
    assert Counter(Counter(failed.values_list("cause", flat=True)).values()) == {10: jobs // 50}
    assert (
        failed.filter(mended_by__isnull=False).count() == sum(each.is_mended for each in planned) == 15 * jobs // 2_000
    )
    assert JobRecord.objects.filter(cause="").count() == jobs - jobs // 5
    assert not [text for text in failed.values_list("message", flat=True) if any(map(str.isdigit, text))]
    shown = queries.failures(stage.acme, Filters(ranges.span("24h", clock.now(), ranges.zone("UTC"))))
    mended = 15 * jobs // 2_000
    assert (shown.count, shown.count_open, shown.count_mended) == (jobs // 5 - mended, 0, mended)
    assert sum(cause.count for cause in shown.ended) == sum(shown.bars) == jobs // 5 - mended
    assert len({cause.key for cause in (*shown.ended, *shown.mended)}) == jobs // 50
