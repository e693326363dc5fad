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


def warned() -> bool:
    return any(message.id == "dashboard.W003" for message in run_checks(databases=["default"]))


def test_without_a_worker_nobody_expects_one() -> None:
    assert heartbeat.state(clock.now()) == "never"
    assert not warned()


def test_it_is_heard_and_then_it_is_not() -> None:
    now = clock.now()
    heartbeat.beat("a", now)
    assert heartbeat.state(now) == "heard"
    assert not warned()
    heartbeat.beat("a", now - 2 * MINUTE)
    assert heartbeat.state(now) == "silent"
    assert warned()
    assert heartbeat.state(now + timedelta(days=8)) == "never"


def test_one_of_several_is_enough() -> None:
    now = clock.now()
    heartbeat.beat("a", now - 5 * MINUTE)
    heartbeat.beat("b", now)
    assert heartbeat.last_heard() == now
    assert heartbeat.is_heard(now)


def test_the_last_one_is_not_forgotten() -> None:
    now = clock.now()
    heartbeat.beat("old", now - timedelta(hours=5))
    heartbeat.beat("last", now - timedelta(hours=2))
    heartbeat.forget(now)
    assert [worker.name for worker in Worker.objects.all()] == ["last"]


def test_metrics_say_how_long_it_has_been_silent(settings: Any, client: Client) -> None:
    settings.METRICS_TOKEN = "t"
    heartbeat.beat("a", clock.now() - 2 * MINUTE)
    said = client.get("/metrics", headers={"authorization": "Bearer t"}).content.decode()
    assert "dashboard_worker_silent_seconds 12" in said
    assert "dashboard_work_overdue 0" in said
