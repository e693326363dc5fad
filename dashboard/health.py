"""Two doors for whoever runs this: is the process alive, and can it serve. Neither asks the API."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from jobs import encryption


@require_safe
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """200 "ok" or 503 "degraded"; which part it is stands in the log, not in an answer that anybody may read."""
    ready = _database_ready() and encryption.usable()
    return HttpResponse("ok\n" if ready else "degraded\n", content_type="text/plain", status=200 if ready else 503)


def _database_ready() -> bool:
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return False
