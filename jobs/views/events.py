"""All events of a step, paged, for a job that has too many for its page."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from jobs import clock
from jobs.http import Request
from jobs.invopop.job_payload import Job
from jobs.presenters import events_page
from jobs.teams.access import team_for
from jobs.upstream import snapshots
from jobs.views.opening import record_once


@require_safe
def events(request: Request, slug: str, job_id: UUID) -> HttpResponse:
    team = team_for(request, slug)
    shown = snapshots.cached(team, job_id, clock.now())
    if "at" in request.GET and shown and shown.job:
        return redirect(_place(slug, job_id, shown.job, request.GET["at"]))
    found = (
        events_page.events(shown.job, _whole(request, "step"), _whole(request, "from")) if shown and shown.job else None
    )
    if found is None or shown is None:
        raise Http404
    record_once(request, team, job_id, shown.row.outcome)
    return render(request, "jobs/job/events.html", {"team": team, "job_id": job_id, "found": found})


def _place(slug: str, job_id: UUID, job: Job, anchor: str) -> str:
    """The URL of the anchor; the job's page if the anchor does not exist."""
    place = events_page.place_of(job, anchor)
    if place is None:
        return reverse("jobs:job", args=[slug, job_id])
    step, start = place
    return f"{reverse('jobs:events', args=[slug, job_id])}?step={step}&from={start}#{anchor}"


def _whole(request: Request, name: str) -> int:
    """0 for anything but a number."""
    typed = request.GET.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
