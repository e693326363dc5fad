"""Look-up: the look-up box, a team's home, and the URL that finds the team of a job."""

from collections.abc import Hashable, Mapping
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from jobs import clock
from jobs.failures import ranges
from jobs.failures.today import today
from jobs.http import Request, wants_part
from jobs.invopop.key_detection import holds_key
from jobs.lookup import rate_limit, recent, search, ticket_search
from jobs.lookup.search_results import Found
from jobs.models import Team
from jobs.presenters.incidents import day_tag, incident_line
from jobs.teams.access import closed_teams_of, team_for, teams_of
from jobs.views import shared_page
from jobs.views.pasted_key import warn_of_key
from jobs.views.shared_page import TeamShown


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: Request) -> HttpResponseBase:
    """The look-up box; redirects people with one team to its home."""
    teams = list(teams_of(request.user))
    typed = request.POST.get("q") or request.GET.get("q", "")
    if typed:
        return _answer(request, teams, typed, {"teams": teams, "closed_teams": closed_teams_of(request.user)})
    closed = list(closed_teams_of(request.user))
    if len(teams) == 1 and not closed:
        return redirect(teams[0])
    persons_jobs = recent.persons_jobs(request.user, teams, clock.now())
    context = {"teams": teams, "closed_teams": closed, "typed": "", **persons_jobs._asdict()}
    return render(request, "jobs/lookup/home.html", context)


def answer_shared(request: Request, text: str) -> HttpResponseBase:
    """Answers shared text as if it had been typed into the look-up box of the first page."""
    home_page, teams = reverse("jobs:home"), list(teams_of(request.user))
    if not text.strip():
        return redirect(home_page)
    return _answer(request, teams, text, {"teams": teams, "closed_teams": closed_teams_of(request.user)}, home_page)


@require_http_methods(["GET", "HEAD", "POST"])
def team(request: Request, slug: str) -> HttpResponseBase:
    """A team's home: the look-up box, and the jobs that concern this person; for htmx, only the day's card."""
    here = team_for(request, slug)
    if wants_part(request):
        return _day_now(request, here)
    persons_jobs = recent.persons_jobs(request.user, [here], clock.now())
    context = {
        "team": TeamShown.of(here),
        "has_key": here.token is not None,
        "is_key_refused": here.token is not None and here.token.refused_at is not None,
        **_day(request, here),
        **persons_jobs._asdict(),
    }
    typed = request.POST.get("q") or request.GET.get("q", "")
    if typed:
        others = teams_of(request.user).exclude(pk=here.pk)
        return _answer(request, [here, *others], typed, context)
    return shared_page.response(
        request, "jobs/lookup/team.html", context | {"typed": ""}, watch_ms=persons_jobs.watched.poll_ms
    )


@require_safe
def help_page(request: Request) -> HttpResponse:
    return render(request, "jobs/help/help.html")


@require_safe
def find(request: Request, job_id: UUID) -> HttpResponseBase:
    """Redirects to the person's team that has the job; otherwise lists the teams that were searched.

    For htmx, returns only the result, for the page of a team that does not have the job.
    """
    rate_limit.spend(request.user)
    teams = list(teams_of(request.user))
    found = search.find(teams, str(job_id), clock.now())
    closed = closed_teams_of(request.user)
    context = {"teams": teams, "closed_teams": closed, "typed": str(job_id), "found": found}
    if wants_part(request):
        return render(request, "jobs/lookup/_other_teams.html", context)
    if found.address is not None:
        return redirect(found.address)
    return render(request, "jobs/lookup/home.html", context, status=200 if found.matches else 404)


def _answer(
    request: Request, teams: list[Team], typed: str, context: Mapping[str, object], page: str = ""
) -> HttpResponseBase:
    """Looks up pasted text. It may contain personal data, so only the references found in it get into a URL.

    `page`: the URL of the look-up box, if it differs from the request's.
    """
    page = page or request.path
    understood = search.understood(typed)
    if holds_key(typed):
        warn_of_key(request)
        return redirect(f"{page}?{urlencode({'q': understood})}" if understood else page)
    if of_ticket := ticket_search.find(teams, typed):
        return _show(request, of_ticket, typed, context)
    if request.method == "POST" and understood and not search.is_sentence(typed):
        return redirect(f"{page}?{urlencode({'q': understood})}")
    rate_limit.spend(request.user, search.cost(teams, typed))
    found = search.find(teams, typed, clock.now())
    return _show(request, found, typed, context)


def _show(request: Request, found: Found, typed: str, context: Mapping[str, object]) -> HttpResponseBase:
    if found.address is not None:
        return redirect(found.address)
    template = "jobs/lookup/team.html" if "team" in context else "jobs/lookup/home.html"
    return render(request, template, {**context, "typed": typed, "found": found})


def _day_now(request: Request, here: Team) -> HttpResponse:
    """The day's card; without a body while it is unchanged."""
    context = _day(request, here)
    if not context or request.headers.get("HX-PTag") == context["day_tag"]:
        return HttpResponse(status=204)
    return render(request, "jobs/failures/_today.html", {"team": here, **context})


def _day(request: Request, here: Team) -> dict[str, Hashable]:
    """The context of the day's card; empty if no job has been read and none will be."""
    found = today(here, ranges.zone(request.COOKIES.get("zone", "")), clock.now())
    if not found.is_known and here.token is None:
        return {}
    incidents = tuple(map(incident_line, found.incidents))
    return {"day": found, "incidents": incidents, "day_tag": day_tag(found, incidents)}
