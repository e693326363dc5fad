"""Finding a job: the box, a team's page, and the address that finds the team."""

from uuid import UUID

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jobs import finding
from jobs.access import team_for, teams_of
from jobs.http import Request
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


def _answer(request: Request, found: finding.Found, typed: str, context: dict[str, object]) -> HttpResponseBase:
    if found.address is not None:
        return redirect(found.address)
    template = "jobs/team.html" if "team" in context else "jobs/home.html"
    return render(request, template, context | {"typed": typed, "found": found}, status=200 if found.matches else 404)


