"""The content of `/metrics`, for Prometheus. The library is an optional extra and takes 2 MB, so this module is
imported only if METRICS_TOKEN is set.

All processes of a gunicorn write into one folder (PROMETHEUS_MULTIPROC_DIR, created by gunicorn.conf.py), so that any
of them can respond for all. Values from the database are queried on request.
"""

import logging
import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

import prometheus_client as prometheus
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import DatabaseError
from django.db.models import Count, Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from jobs import clock
from jobs.background import heartbeat
from jobs.models import Origin, Snapshot, Token, Work
from jobs.upstream import circuit_breaker, telemetry
from jobs.views import render_cache

log = logging.getLogger("dashboard.observability.metrics")
Handler = Callable[[HttpRequest], HttpResponseBase]
POLL_ANSWERS = {200: "changed", 204: "unchanged", 304: "unchanged"}
METHODS = {"GET", "HEAD", "POST"}
KINDS = ("counter", "histogram", "gauge_livesum")  # prometheus_client has a file per process for each
RESERVED = 1 << 20  # bytes of each file; all labels need a third of it
CONTENT_TYPE = prometheus.CONTENT_TYPE_LATEST
QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)  # seconds


def Measured(get_response: Handler) -> Handler:  # noqa: N802 (named like Django's own middleware)
    """Counts responses; without disk space for its counters, a process serves without counting."""
    try:
        reserve()
    except OSError as error:
        log.error("requests are not counted: no space for the metrics (%s)", error.strerror)
        raise MiddlewareNotUsed from None
    counters = _counters()

    def respond(request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        response = get_response(request)
        counters.count(request, response, time.perf_counter() - started)
        return response

    return respond


class Counters:
    """The counters of a process. Labels are our own words, so that outsiders cannot add any."""

    def __init__(self) -> None:
        self.requests = prometheus.Counter("dashboard_requests", "Requests answered.", ["view", "method", "status"])
        self.seconds = prometheus.Histogram("dashboard_request_seconds", "Time to answer.", ["view"], buckets=QUICK)
        self.look_ups = prometheus.Counter("dashboard_look_ups", "Job pages opened.")
        self.polls = prometheus.Counter("dashboard_polls", "Polls of open pages.", ["answer"])
        self.watched = prometheus.Counter(
            "dashboard_watched_seconds", "Seconds until each page's next poll; its rate is how many pages are open."
        )
        self.upstream = prometheus.Histogram(
            "dashboard_upstream_seconds", "Requests to the API, by what came of them.", ["result"], buckets=QUICK
        )
        self.coalesced = prometheus.Counter("dashboard_coalesced", "Looks that found somebody already asking.")
        self.stale = prometheus.Counter("dashboard_stale_served", "Old copies shown because the API gave no new one.")
        self.unqueued = prometheus.Counter(
            "dashboard_webhooks_unqueued", "Webhooks of unknown jobs while too many of those were waiting."
        )
        self.cached = prometheus.Gauge(
            "dashboard_cache_bytes", "What is kept rendered.", ["cache"], multiprocess_mode="livesum"
        )
        self.cache_capacity = prometheus.Gauge(
            "dashboard_cache_room_bytes", "The most of it.", ["cache"], multiprocess_mode="livesum"
        )

    def count(self, request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
        view = request.resolver_match.view_name if request.resolver_match else "none"
        method = request.method if request.method in METHODS else "OTHER"
        self.requests.labels(view, method, response.status_code).inc()
        self.seconds.labels(view).observe(seconds)
        for name, kept in render_cache.by_name.items():
            self.cached.labels(name).set(kept.used)
            self.cache_capacity.labels(name).set(kept.capacity)
        if view == "jobs:job" and request.headers.get("HX-Request") == "true":
            self.polls.labels(POLL_ANSWERS.get(response.status_code, "failed")).inc()
            self.watched.inc(_seconds_until_next(response))
        elif view == "jobs:job" and response.status_code == 200:
            self.look_ups.inc()

    def hear(self, name: telemetry.Name, amount: float, label: str) -> None:
        match name:
            case "upstream_seconds":
                self.upstream.labels(label).observe(amount)
            case "coalesced":
                self.coalesced.inc(amount)
            case "stale_served":
                self.stale.inc(amount)
            case "webhooks_unqueued":
                self.unqueued.inc(amount)


class Database:
    """Values shared by all processes, queried on request; omitted while the database is down."""

    def collect(self) -> Iterator[Metric]:
        try:
            found = list(self._gauges())
        except DatabaseError:
            return
        for name, meaning, value in found:
            yield GaugeMetricFamily(f"dashboard_{name}", meaning, value=value)

    def _gauges(self) -> Iterator[tuple[str, str, int]]:
        now = clock.now()
        rows = Snapshot.objects.aggregate(
            all=Count("pk"),
            open=Count("pk", filter=Q(is_finished=False)),
            failing=Count("pk", filter=~Q(trouble="")),
            asking=Count("pk", filter=Q(lease_until__gt=now)),
            expired=Count("pk", filter=Q(expires_at__lte=now)),
        )
        yield "snapshots", "Jobs of which something is kept.", rows["all"]
        yield "snapshots_open", "Of those, not finished.", rows["open"]
        yield "snapshots_failing", "Of those, whose last attempt brought nothing.", rows["failing"]
        yield "snapshots_asking", "Of those, being asked for now.", rows["asking"]
        yield "snapshots_expired", "Of those, waiting for `manage.py purge`.", rows["expired"]
        yield "breaker_open", "1 while the API is held to be down.", int(_breaker_is_open())
        refused = Token.objects.filter(in_use=True, refused_at__isnull=False).count()
        yield "tokens_refused", "Teams whose token the API refuses.", refused
        last = heartbeat.last_heard()
        if last is not None:
            yield "worker_silent_seconds", "Since a worker was last heard.", max(0, int((now - last).total_seconds()))
        overdue = Work.objects.filter(due_at__lt=now - timedelta(minutes=2)).count()
        yield "work_overdue", "Pieces of background work due for more than two minutes.", overdue


def reserve() -> None:
    """Reserves disk blocks for this process's counter files. Raises OSError without space.

    The files are mapped into memory: on a full disk, the first write to an unallocated block would kill the process
    (SIGBUS).
    """
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not folder or not hasattr(os, "posix_fallocate"):
        return
    for kind in KINDS:
        with (Path(folder) / f"{kind}_{os.getpid()}.db").open("ab") as file:
            os.posix_fallocate(file.fileno(), 0, RESERVED)


@cache
def _counters() -> Counters:
    """The counters, created once per process, however often the middleware is loaded."""
    counters = Counters()
    telemetry.listen(counters.hear)
    return counters


def as_text() -> bytes:
    """The metrics of all processes together."""
    return prometheus.generate_latest(_registry())


def _registry() -> prometheus.CollectorRegistry:
    registry = prometheus.CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(prometheus.REGISTRY)
    registry.register(Database())
    return registry


def _breaker_is_open() -> bool:
    origin = Origin.objects.filter(url=settings.INVOPOP_API_URL).first()
    return origin is not None and origin.failures >= circuit_breaker.FAILURES


def _seconds_until_next(response: HttpResponseBase) -> float:
    announced = response.headers.get("X-Poll-Ms", "0")
    return int(announced) / 1000 if announced.isdigit() else 0.0
