"""Two doors for whoever runs this: is the process alive, and can it serve. Neither asks the API."""

import logging
from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from dashboard.metrics import metrics
from jobs import encryption

log = logging.getLogger("dashboard.health")
Handler = Callable[[HttpRequest], HttpResponseBase]
_migrated = False  # once seen it stays so: this process runs one version of the code


@require_safe
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """200 "ok" or 503 "degraded"; which part it is stands in the log, not in an answer that anybody may read."""
    failing = [name for name, works in (("database", _database_ready), ("keys", encryption.usable)) if not works()]
    if failing:
        log.warning("not ready: %s", ", ".join(failing))
    return HttpResponse("degraded\n" if failing else "ok\n", content_type="text/plain", status=503 if failing else 200)


def Probes(get_response: Handler) -> Handler:  # noqa: N802 (named like Django's own middleware)
    """Answers probes before the host is checked and the session opened: they come from inside and ask by address."""
    doors: dict[str, Handler] = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}

    def respond(request: HttpRequest) -> HttpResponseBase:
        return doors.get(request.path_info, get_response)(request)

    return respond


def _database_ready() -> bool:
    global _migrated
    try:
        if not _migrated:
            executor = MigrationExecutor(connection)
            _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return _migrated
