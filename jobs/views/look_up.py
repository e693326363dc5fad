"""Finding a job: the box, a team's page, and the address that finds the team."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jobs import finding, snapshots
from jobs import listing as jobs_listing
from jobs.access import team_for, teams_of
from jobs.http import Request
from jobs.invopop.errors import APIError
from jobs.listing import Filters
from jobs.recent import recent


@require_safe
def home(request: Request) -> HttpResponseBase:
    """The look-up box; who has one team goes there."""
    teams = list(teams_of(request.user))
    typed = request.GET.get("q", "")
    if typed:
        return _answer(request, finding.find(teams, typed, timezone.now()), typed, {"teams": teams})
    if len(teams) == 1:
        return redirect(teams[0])
    return render(request, "jobs/home.html", {"teams": teams, "typed": ""})


@require_safe
def team(request: Request, slug: str) -> HttpResponseBase:
    """The look-up box for one team, and this person's recent look-ups there."""
    here = team_for(request, slug)
    typed = request.GET.get("q", "")
    context = {"team": here, "recent": recent(request.user, here)}
    if typed:
        return _answer(request, finding.find([here], typed, timezone.now()), typed, context)
    return render(request, "jobs/team.html", context | {"typed": ""})


@require_safe
def find(request: Request, job_id: UUID) -> HttpResponseBase:
    """Goes to the team, among this person's, whose workspace has the job."""
    found = finding.find(list(teams_of(request.user)), str(job_id), timezone.now())
    if found.address is None:
        raise Http404
    return redirect(found.address)


@require_safe
def listing(request: Request, slug: str) -> HttpResponse:
    """The workspace's jobs, newest first; for htmx the rows alone."""
    here = team_for(request, slug)
    filters = Filters(request.GET.get("outcome", ""), request.GET.get("workflow", ""), request.GET.get("before", ""))
    context: dict[str, object] = {"team": here, "filters": filters}
    try:
        context["listing"] = jobs_listing.listing(here, request.GET.get("cursor", ""), filters)
    except APIError as error:
        context["problem"] = type(error).__name__.lower()
    return render(request, "jobs/_rows.html" if request.htmx else "jobs/list.html", context)


@require_safe
def runs(request: Request, slug: str, job_id: UUID) -> HttpResponse:
    """Other jobs of the same document, for the job's page to load when somebody asks."""
    here = team_for(request, slug)
    shown = snapshots.known(here, job_id, timezone.now())
    if shown is None or shown.job is None:
        raise Http404
    context: dict[str, object] = {
        "team": here, "job_id": job_id, "compared_with": job_id if shown.job.envelope else None,
    }  # fmt: skip
    try:
        context["listing"] = jobs_listing.runs_of_entry(here, shown.job.silo_entry_id, job_id)
    except APIError as error:
        context["problem"] = type(error).__name__.lower()
    return render(request, "jobs/_runs.html" if request.htmx else "jobs/runs.html", context)


def _answer(request: Request, found: finding.Found, typed: str, context: dict[str, object]) -> HttpResponseBase:
    if found.address is not None:
        return redirect(found.address)
    template = "jobs/team.html" if "team" in context else "jobs/home.html"
    return render(request, template, context | {"typed": typed, "found": found})
