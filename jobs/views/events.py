"""All events of one step, a page at a time, for a job that has more than its own page can hold."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jobs import snapshots, timeline
from jobs.access import team_for
from jobs.http import Request
from jobs.views.record import record_once


@require_safe
def events(request: Request, slug: str, job_id: UUID) -> HttpResponse:
    team = team_for(request, slug)
    shown = snapshots.known(team, job_id, timezone.now())
    found = (
        timeline.events(shown.job, _whole(request, "step"), _whole(request, "from")) if shown and shown.job else None
    )
    if found is None or shown is None:
        raise Http404
    record_once(request, team, job_id, shown.row.outcome)
    return render(request, "jobs/events.html", {"team": team, "job_id": job_id, "found": found})


def _whole(request: Request, name: str) -> int:
    """0 for whatever is no number."""
    typed = request.GET.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
