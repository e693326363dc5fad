"""The permalink of a job, its live part, and its machine-readable twins."""

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from jobs import pins, snapshots
from jobs.access import team_for, teams_of
from jobs.http import Request, wants_part
from jobs.models import LookUp
from jobs.views import live
from jobs.views.record import count, look, record, record_once


@require_safe
@live.unchanged
def job(request: Request, slug: str, job_id: UUID) -> HttpResponse:
    """The page; for htmx its live part alone. An unchanged live part is answered without a body by `live.unchanged`."""
    if seen := live.looked_at(request):
        return live.part(request, seen).response(request)
    team = team_for(request, slug)
    count(request, team, job_id)
    if wants_part(request):
        return live.part(request, snapshots.poll(team, job_id, timezone.now())).response(request)
    shown = snapshots.look(team, job_id, timezone.now())
    part = live.part(request, shown)
    record(request, team, job_id, LookUp.What.JOB, shown.row.outcome)
    own = {
        "page": part.page,
        "is_pinned": pins.is_pinned(request.user, team, job_id),
        "look_elsewhere": part.page.state == "gone" and teams_of(request.user).count() > 1,
    }
    return render(request, "jobs/job.html", part.context() | own, status=part.status)


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
    }
    return JsonResponse(answer, status=live.status_of(shown))


@require_safe
def body(request: Request, slug: str, job_id: UUID) -> HttpResponse:
    team = team_for(request, slug)
    shown = look(request, team, job_id)
    if shown.body is None:
        return JsonResponse({"error": shown.trouble or "fetching"}, status=404)
    record(request, team, job_id, LookUp.What.BODY, shown.row.outcome)
    return as_data(shown.body)


@require_POST
def refresh(request: Request, slug: str, job_id: UUID) -> HttpResponseBase:
    """Asks the API again, by hand; without htmx it leads back to the page."""
    team = team_for(request, slug)
    count(request, team, job_id)
    shown = snapshots.refresh(team, job_id, timezone.now())
    if wants_part(request):
        return live.part(request, shown).response(request)
    return redirect("jobs:job", slug, job_id)


def as_data(data: bytes) -> HttpResponse:
    """JSON that no browser takes for a page, whatever it holds."""
    response = HttpResponse(data, content_type="application/json")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
