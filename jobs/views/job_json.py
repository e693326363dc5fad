"""A job for programs: its state, and the API's own JSON. Lists and failures have theirs beside their pages."""

import json
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from jobs.http import Request, problem
from jobs.models import LookUp
from jobs.teams.access import team_for
from jobs.views import live_part
from jobs.views.opening import look, record, record_once
from jobs.views.script_access import open_to_scripts


@open_to_scripts
@require_safe
def status(request: Request, slug: str, job_id: UUID) -> JsonResponse:
    team = team_for(request, slug)
    shown = look(request, team, job_id)
    row = shown.row
    record_once(request, team, job_id, row.outcome)
    answer = {
        "id": str(job_id),
        "outcome": row.outcome or "unknown",
        "document": row.document or "unknown",
        "faults": row.faults,
        "failed_step": row.failed_step or None,
        "fetched_at": row.checked_at.isoformat() if row.checked_at else None,
        "stale": shown.trouble is not None,
        "error": shown.trouble,
        "completed_at": row.completed_at or None,
        "deliveries": json.loads(row.deliveries) if row.deliveries else [],
    }
    return JsonResponse(answer, status=live_part.status_of(shown))


@open_to_scripts
@require_safe
def body(request: Request, slug: str, job_id: UUID) -> HttpResponse:
    team = team_for(request, slug)
    shown = look(request, team, job_id)
    if shown.body is None:
        return problem(404, shown.trouble or "fetching")
    record(request, team, job_id, LookUp.What.BODY, shown.row.outcome)
    return as_data(shown.body)


def as_data(data: bytes) -> HttpResponse:
    """JSON that a browser does not render as a page."""
    response = HttpResponse(data, content_type="application/json")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
