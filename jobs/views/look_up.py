"""Finding a job: the box, a team's page, and the address that finds the team."""

from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs import finding, limits, pins, recent, snapshots, workflows
from jobs import listing as jobs_listing
from jobs.access import closed_teams_of, team_for, teams_of
from jobs.forms import FilterForm
from jobs.http import Request, wants_part
from jobs.invopop.errors import APIError
from jobs.models import Team


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: Request) -> HttpResponseBase:
    """The look-up box; who has one team goes there."""
    teams = list(teams_of(request.user))
    typed = request.POST.get("q") or request.GET.get("q", "")
    if typed:
        return _answer(request, teams, typed, {"teams": teams, "closed_teams": closed_teams_of(request.user)})
    closed = list(closed_teams_of(request.user))
    if len(teams) == 1 and not closed:
        return redirect(teams[0])
    context = {"teams": teams, "closed_teams": closed, "typed": ""}
    return render(request, "jobs/home.html", _at_hand(request, teams) | context)


@require_http_methods(["GET", "HEAD", "POST"])
def team(request: Request, slug: str) -> HttpResponseBase:
    """The look-up box, this team asked first, and what this person has at hand there."""
    here = team_for(request, slug)
    context = {"team": here, **_at_hand(request, [here])}
    typed = request.POST.get("q") or request.GET.get("q", "")
    if typed:
        others = teams_of(request.user).exclude(pk=here.pk)
        return _answer(request, [here, *others], typed, context)
    return render(request, "jobs/team.html", context | {"typed": ""})


@require_safe
def watch(request: Request) -> HttpResponseBase:
    """What this person watches and is still open: one poll for all of it, without a body while nothing moved. It is
    no page: whoever opens it by hand is led to one."""
    teams = list(teams_of(request.user))
    here = next((team for team in teams if team.slug == request.GET.get("team")), None)
    if not wants_part(request):
        return redirect(here or "jobs:home")
    watched = recent.watched(request.user, [here] if here else teams, timezone.now())
    if request.headers.get("HX-PTag") == watched.tag:
        return HttpResponse(status=204, headers={"X-Poll-Ms": str(watched.poll_ms)})
    return render(request, "jobs/_watched.html", {"team": here, "watched": watched})


@require_POST
def pin(request: Request, slug: str, job_id: UUID) -> HttpResponseBase:
    """Keeps a job at hand; with `off`, no longer. For htmx the button alone."""
    here, on = team_for(request, slug), "off" not in request.POST
    pins.turn(request.user, here, job_id, on=on)
    if wants_part(request):
        return render(request, "jobs/_pin.html", {"team": here, "job_id": job_id, "is_pinned": on})
    return redirect("jobs:job", slug, job_id)


@require_safe
def help_page(request: Request) -> HttpResponse:
    return render(request, "jobs/help.html")


@require_safe
def find(request: Request, job_id: UUID) -> HttpResponseBase:
    """Goes to the team, among this person's, whose workspace has the job; else tells who was asked. For htmx the
    answer alone, for the page of a team that does not have the job."""
    limits.spend(request.user)
    teams = list(teams_of(request.user))
    found = finding.find(teams, str(job_id), timezone.now())
    closed = closed_teams_of(request.user)
    context = {"teams": teams, "closed_teams": closed, "typed": str(job_id), "found": found}
    if wants_part(request):
        return render(request, "jobs/_elsewhere.html", context)
    if found.address is not None:
        return redirect(found.address)
    return render(request, "jobs/home.html", context, status=200 if found.matches else 404)


@require_safe
def listing(request: Request, slug: str) -> HttpResponse:
    """The workspace's jobs, newest first; for htmx the rows alone."""
    here = team_for(request, slug)
    form = FilterForm(request.GET, names=workflows.names(here))
    filters = form.filters()
    context: dict[str, object] = {"team": here, "form": form, "filters": filters}
    try:
        context["listing"] = jobs_listing.listing(here, request.GET.get("cursor", ""), filters)
    except APIError as error:
        context["problem"] = type(error).__name__.lower()
    if not wants_part(request):
        return render(request, "jobs/list.html", context)
    found, seen = context.get("listing"), request.headers.get("HX-PTag")
    if seen is None:
        return render(request, "jobs/_rows.html", context)
    if not isinstance(found, jobs_listing.Listing) or seen == found.tag:
        return HttpResponse(status=204)  # nothing new, or no answer: what is shown stays
    return render(request, "jobs/_rows_now.html", context)


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
    return render(request, "jobs/_runs.html" if wants_part(request) else "jobs/runs.html", context)


def _answer(request: Request, teams: list[Team], typed: str, context: dict[str, object]) -> HttpResponseBase:
    """What was pasted may hold anything about anybody: only what was understood of it comes to stand in an address."""
    understood = finding.understood(typed)
    if request.method == "POST" and understood:
        return redirect(f"{request.path}?{urlencode({'q': understood})}")
    limits.spend(request.user)
    found = finding.find(teams, typed, timezone.now())
    if found.address is not None:
        return redirect(found.address)
    template = "jobs/team.html" if "team" in context else "jobs/home.html"
    return render(request, template, context | {"typed": typed, "found": found})


def _at_hand(request: Request, teams: list[Team]) -> dict[str, object]:
    return {
        "watched": recent.watched(request.user, teams, timezone.now()),
        "pinned": recent.pinned(request.user, teams),
        "recent": recent.recent(request.user, teams),
    }
