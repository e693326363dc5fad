"""Workers report that they run; silence after a heartbeat is a warning."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import Client

from jobs import clock
from jobs.background import heartbeat
from jobs.models import Worker

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def worker_warns() -> bool:
    return any(message.id == "dashboard.W003" for message in run_checks(databases=["default"]))


def test_no_warning_when_no_worker_ever_ran() -> None:
    assert heartbeat.state(clock.now()) == "never"
    assert not worker_warns()


def test_state_goes_from_heard_to_silent_to_never() -> None:
    now = clock.now()
    heartbeat.beat("a", now)
    assert heartbeat.state(now) == "heard"
    assert not worker_warns()
    heartbeat.beat("a", now - 2 * MINUTE)
    assert heartbeat.state(now) == "silent"
    assert worker_warns()
    assert heartbeat.state(now + timedelta(days=8)) == "never"


def test_one_live_worker_is_enough() -> None:
    now = clock.now()
    heartbeat.beat("a", now - 5 * MINUTE)
    heartbeat.beat("b", now)
    assert heartbeat.last_heard() == now
    assert heartbeat.is_heard(now)


def test_forget_keeps_the_last_worker() -> None:
    now = clock.now()
    heartbeat.beat("old", now - timedelta(hours=5))
    heartbeat.beat("last", now - timedelta(hours=2))
    heartbeat.forget(now)
    assert [worker.name for worker in Worker.objects.all()] == ["last"]


def test_metrics_report_seconds_of_worker_silence(settings: Any, client: Client) -> None:
    settings.METRICS_TOKEN = "t"
    heartbeat.beat("a", clock.now() - 2 * MINUTE)
    said = client.get("/metrics", headers={"authorization": "Bearer t"}).content.decode()
    assert "dashboard_worker_silent_seconds 12" in said
    assert "dashboard_work_overdue 0" in said
