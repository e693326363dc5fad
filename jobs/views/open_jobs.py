"""The jobs a person watches and has pinned."""

from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from jobs import clock
from jobs.http import Request, wants_part
from jobs.lookup import pins, recent
from jobs.teams.access import team_for, teams_of


@require_safe
def watch(request: Request) -> HttpResponseBase:
    """The open jobs this person watches, in one poll; without a body while nothing has changed.

    It is not a page: requests without htmx are redirected to one.
    """
    teams = list(teams_of(request.user))
    here = next((team for team in teams if team.slug == request.GET.get("team")), None)
    if not wants_part(request):
        return redirect(here or "jobs:home")
    watched = recent.watched(request.user, [here] if here else teams, clock.now())
    if request.headers.get("HX-PTag") == watched.tag:
        return HttpResponse(status=204, headers={"X-Poll-Ms": str(watched.poll_ms)})
    return render(request, "jobs/lookup/_open_jobs.html", {"team": here, "watched": watched})


@require_POST
def pin(request: Request, slug: str, job_id: UUID) -> HttpResponseBase:
    """Pins a job; with `off`, unpins it. For htmx, returns only the button."""
    here, on = team_for(request, slug), "off" not in request.POST
    pins.turn(request.user, here, job_id, on=on)
    if wants_part(request):
        return render(request, "jobs/job/_pin.html", {"team": here, "job_id": job_id, "is_pinned": on})
    return redirect("jobs:job", slug, job_id)
