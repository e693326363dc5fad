"""The envelope: a viewer addressed by JSON Pointer, and the download."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jobs import raw, snapshots
from jobs.access import team_for
from jobs.http import Request
from jobs.models import LookUp, Team
from jobs.views.job import as_data
from jobs.views.record import record


@require_safe
def viewer(request: Request, slug: str, job_id: UUID) -> HttpResponse:
    """Opened at `?at=<JSON Pointer>`; for htmx the viewer alone."""
    team = team_for(request, slug)
    body = _envelope(team, job_id)
    at = request.GET.get("at", "")
    context = {"team": team, "job_id": job_id, "at": at, "way": raw.way(body, at), "size": len(body)}
    return render(request, "jobs/_viewer.html" if request.htmx else "jobs/envelope.html", context)


@require_safe
def download(request: Request, slug: str, job_id: UUID) -> HttpResponse:
    team = team_for(request, slug)
    response = as_data(_envelope(team, job_id))
    response.headers["Content-Disposition"] = f'attachment; filename="envelope-{job_id}.json"'
    record(request, team, job_id, LookUp.What.ENVELOPE, "")
    return response


def _envelope(team: Team, job_id: UUID) -> bytes:
    shown = snapshots.look(team, job_id, timezone.now())
    if shown.job is None or shown.job.envelope is None:
        raise Http404
    return shown.job.envelope
