"""The endpoints for operators: whether the process is alive, whether it can serve, and metrics. None calls the API."""

import hmac
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from dashboard import disk_space
from jobs import clock, encryption
from jobs.background import heartbeat
from jobs.models import Token

log = logging.getLogger("dashboard.observability.health")
CLOCKS_AGREE = timedelta(seconds=5)
Handler = Callable[[HttpRequest], HttpResponseBase]
_migrated: frozenset[tuple[str, str]] | None = None  # what was applied when nothing was missing


@require_safe
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """200 "ok", 200 "degraded" without a worker's heartbeat, or 503 "failed".

    Only the log names the failed part, because the response is public.
    """
    failing = [problem for problem in _problems() if problem]
    if failing:
        log.warning("not ready: %s", ", ".join(failing))
        return HttpResponse("failed\n", content_type="text/plain", status=503)
    silent = _worker_is_silent()
    if silent:
        log.warning("ready, but no worker responds: background work has stopped")
    return HttpResponse("degraded\n" if silent else "ok\n", content_type="text/plain")


@require_safe
@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """For Prometheus, behind a token; 404 where METRICS_TOKEN is not set."""
    if not settings.METRICS_TOKEN:
        raise Http404
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(shown.encode(), settings.METRICS_TOKEN.encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    from dashboard.observability.metrics import CONTENT_TYPE, as_text  # noqa: PLC0415 (2 MB that most do without)

    return HttpResponse(as_text(), content_type=CONTENT_TYPE)


def Probes(get_response: Handler) -> Handler:  # noqa: N802 (named like Django's own middleware)
    """Answers probes before the host check and the session, because they come from inside, by IP address."""
    probes: dict[str, Handler] = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}

    def respond(request: HttpRequest) -> HttpResponseBase:
        return probes.get(request.path_info, get_response)(request)

    return respond


def _problems() -> Iterator[str]:
    """The problems that prevent this process from serving, for the log; "" for each passed check."""
    if not static_files_ready():
        yield "static files (not those of this version)"
    if not _database_ready():
        yield "database"
        return
    try:
        yield _keys_problem() if encryption.usable() else "keys"
        yield _clock_problem()
        yield "" if disk_space.has_space() else "disk"
    except DatabaseError:
        yield "database"


def _worker_is_silent() -> bool:
    try:
        return heartbeat.state(clock.now()) == "silent"
    except DatabaseError:
        return False  # the next probe will show more


def static_files_ready() -> bool:
    """Whether this version's static files are collected; True if none are needed, as in development."""
    is_collected: Callable[[], bool] = getattr(staticfiles_storage, "is_collected", lambda: True)
    return is_collected()


def _keys_problem() -> str:
    """A problem if this process has other keys than the rest, and so would show errors instead of jobs."""
    tokens = Token.objects.filter(in_use=True).defer(None)
    if not tokens.exists() or any(token.is_readable for token in tokens):
        return ""
    return "keys (none of TOKEN_ENCRYPTION_KEYS decrypts any team's API key)"


def _clock_problem() -> str:
    """A problem if this machine's clock is wrong, on which authenticator codes and sign-ins depend."""
    ahead = clock.difference()
    if abs(ahead) <= CLOCKS_AGREE:
        return ""
    seconds = round(ahead.total_seconds())
    return f"clock ({abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} the database's)"


def is_migrated() -> bool:
    """Whether the database has every migration of this version, also after an older backup was restored under a process
    that runs. Raises DatabaseError."""
    global _migrated
    applied = frozenset(MigrationRecorder(connection).applied_migrations())
    if applied != _migrated:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        _migrated = applied
    return True


def _database_ready() -> bool:
    try:
        return is_migrated() and not _is_read_only()
    except DatabaseError:
        return False


def _is_read_only() -> bool:
    """Whether PostgreSQL takes no writes, like a replica. Such a connection is closed, because the next may differ."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('transaction_read_only') = 'on'")
        is_read_only: bool = cursor.fetchone()[0]
    if is_read_only and connection.connection is not None:
        connection.connection.pgconn.finish()
    return is_read_only
