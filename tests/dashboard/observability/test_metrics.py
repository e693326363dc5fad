"""/metrics: who may read it, and that it counts correctly."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dashboard import environment
from jobs.models import Snapshot
from jobs.upstream import circuit_breaker, telemetry
from jobs.views import render_cache
from jobs.views.live_part import Answer
from tests.conftest import Stage
from tests.dashboard.test_checks import SOUND

prometheus = pytest.importorskip("prometheus_client")
metrics = pytest.importorskip("dashboard.observability.metrics")
ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.django_db
TOKEN = "metrics-token-of-the-tests"
JOB = "/teams/acme/jobs/5f3f1d5e-0000-4000-8000-000000000001/"


@pytest.fixture
def measured(settings: Any) -> Iterator[None]:
    settings.METRICS_TOKEN = TOKEN
    settings.MIDDLEWARE = ["dashboard.observability.metrics.Measured", *settings.MIDDLEWARE]
    yield
    telemetry._listeners.clear()
    metrics._counters.cache_clear()
    for collector in list(prometheus.REGISTRY._collector_to_names):
        if any(name.startswith("dashboard_") for name in prometheus.REGISTRY._collector_to_names[collector]):
            prometheus.REGISTRY.unregister(collector)


def read(client: Client, token: str = TOKEN) -> Any:
    return client.get("/metrics", headers={"Authorization": f"Bearer {token}"})


def values(client: Client) -> dict[str, float]:
    lines = read(client).content.decode().splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[:1] != "#")}


class TestAccess:
    def test_metrics_are_404_when_off(self, client: Client) -> None:
        assert read(client).status_code == 404
        assert read(client, "").status_code == 404

    @pytest.mark.parametrize("shown", ["", "wrong", TOKEN + "x", "ünïcödé"])
    def test_a_wrong_token_is_refused(self, client: Client, measured: None, shown: str) -> None:
        answer = read(client, shown.encode().decode("latin-1"))
        assert (answer.status_code, answer.content) == (401, b"")

    def test_signed_in_users_are_refused(self, as_alice: Client, measured: None) -> None:
        assert as_alice.get("/metrics").status_code == 401

    def test_the_token_gives_access(self, client: Client, measured: None) -> None:
        assert read(client).status_code == 200


class TestCounts:
    def test_requests_are_counted_by_view(self, as_alice: Client, measured: None) -> None:
        as_alice.get("/teams/acme/")
        as_alice.get("/nothing")
        found = values(as_alice)
        assert found['dashboard_requests_total{method="GET",status="200",view="jobs:team"}'] == 1
        assert found['dashboard_requests_total{method="GET",status="404",view="none"}'] == 1
        assert found['dashboard_request_seconds_count{view="jobs:team"}'] == 1

    def test_an_invented_method_creates_no_label(self, as_alice: Client, measured: None) -> None:
        as_alice.generic("BREW", "/teams/acme/")
        assert "BREW" not in read(as_alice).content.decode()

    def test_polls_are_counted_by_answer_with_watchers(self, as_alice: Client, stage: Stage, measured: None) -> None:
        now = timezone.now()
        Snapshot.objects.create(
            team=stage.acme, job_id=JOB.split("/")[-2], version="v", fetched_at=now, checked_at=now,
            next_at=now + timedelta(seconds=10), expires_at=now + timedelta(hours=1),
        )  # fmt: skip
        tag = "x"
        for _ in range(2):
            answer = as_alice.get(JOB, headers={"HX-Request": "true", "HX-PTag": tag})
            tag = answer.headers.get("HX-PTag", tag)
        found = values(as_alice)
        assert found['dashboard_polls_total{answer="changed"}'] == 1
        assert found['dashboard_polls_total{answer="unchanged"}'] == 1
        assert 15 < found["dashboard_watched_seconds_total"] < 25

    def test_api_requests_are_counted_by_result(self, client: Client, measured: None) -> None:
        client.get("/healthz")
        with telemetry.timed_request():
            pass
        with pytest.raises(ZeroDivisionError), telemetry.timed_request():
            raise ZeroDivisionError
        telemetry.increment("coalesced")
        telemetry.increment("stale_served")
        telemetry.increment("webhooks_unqueued")
        found = values(client)
        assert found['dashboard_upstream_seconds_count{result="ok"}'] == 1
        assert found['dashboard_upstream_seconds_count{result="zerodivisionerror"}'] == 1
        assert found["dashboard_coalesced_total"] == found["dashboard_stale_served_total"] == 1
        assert found["dashboard_webhooks_unqueued_total"] == 1

    def test_each_cache_shows_its_bytes_beside_its_room(self, as_alice: Client, stage: Stage, measured: None) -> None:
        for cache in render_cache.by_name.values():
            cache.clear()
        render_cache.by_name["answers"].get(("a job",), lambda: Answer(b"plain", b"packed"))
        as_alice.get("/healthz")
        found = values(as_alice)
        assert {name: found[f'dashboard_cache_bytes{{cache="{name}"}}'] for name in ("pages", "parts", "answers")} == {
            "pages": 0,
            "parts": 0,
            "answers": 11,
        }
        for name, room in (("pages", 8e6), ("parts", 12e6), ("answers", 4e6)):
            assert found[f'dashboard_cache_room_bytes{{cache="{name}"}}'] == room

    def test_database_figures_are_reported(self, client: Client, stage: Stage, measured: None, settings: Any) -> None:
        now = timezone.now()
        Snapshot.objects.create(team=stage.acme, job_id=JOB.split("/")[-2], trouble="stale", expires_at=now)
        for _ in range(circuit_breaker.FAILURES):
            circuit_breaker.failed(settings.INVOPOP_API_URL, now)
        found = values(client)
        names = ("snapshots", "snapshots_open", "snapshots_failing", "snapshots_expired", "breaker_open")
        assert [found[f"dashboard_{name}"] for name in names] == [1, 1, 1, 1, 1]
        assert (found["dashboard_snapshots_asking"], found["dashboard_tokens_refused"]) == (0, 0)

    def test_no_team_or_job_name_is_exported(self, as_alice: Client, measured: None) -> None:
        as_alice.get(JOB, headers={"HX-Request": "true"})
        text = read(as_alice).content.decode()
        assert "acme" not in text
        assert "5f3f1d5e" not in text


def test_the_variable_is_in_the_table() -> None:
    assert environment.NAMES["METRICS_TOKEN"].secret


WITHOUT_A_TOKEN = """
import sys
import django
django.setup()
from django.conf import settings
from django.test import RequestFactory
from django.utils.module_loading import import_string
from dashboard.observability import health
from django.http import Http404
from django.urls import get_resolver
assert get_resolver().url_patterns and [import_string(name) for name in settings.MIDDLEWARE]
try:
    health.metrics(RequestFactory().get("/metrics"))
except Http404:
    assert "prometheus_client" not in sys.modules
"""


@pytest.mark.processes
def test_without_a_token_the_library_takes_no_memory() -> None:
    """Two megabytes of each process."""
    command, environment = [sys.executable, "-c", WITHOUT_A_TOKEN], {"DJANGO_SETTINGS_MODULE": "dashboard.settings"}
    done = subprocess.run(command, cwd=ROOT, env={**SOUND, **environment}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
