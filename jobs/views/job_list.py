"""The workspace's jobs, and the other runs of one document."""

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jobs import clock
from jobs.failures import ranges
from jobs.forms.filter_forms import JobListForm
from jobs.http import Request, problem, wants_part
from jobs.invopop.errors import APIError
from jobs.lookup import job_list as jobs_listing
from jobs.lookup import known_jobs, list_export
from jobs.lookup.rate_limit import TooMany
from jobs.models import Team
from jobs.presenters import cause_titles
from jobs.teams.access import asker, team_for
from jobs.upstream import cache, snapshots, workflows
from jobs.upstream.cache import Ahead
from jobs.views import csv_response
from jobs.views.script_access import open_to_scripts

LONGEST = 200  # characters of a customer's name


@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: Request, slug: str) -> HttpResponseBase:
    """The workspace's jobs, newest first; for htmx, only the rows.

    A customer's name is sent by POST and redirects to the id of one of their jobs, so that no name is in a URL.
    """
    here = team_for(request, slug)
    typed = request.POST.get("customer", "")[:LONGEST]
    if request.method == "POST":
        job_id = known_jobs.customer(here, typed)
        if job_id is not None:
            return redirect(f"{reverse('jobs:list', args=[slug])}?customer_of={job_id}")
        messages.error(request, _("No job that was read here is for this customer, number or tax id."))
    form = JobListForm(request.GET, _zone(request))
    filters = form.filters()
    ahead = _ahead(request, here, filters)
    names = workflows.names(here, ahead)
    context: dict[str, object] = {"team": here, "form": form, "filters": filters, "today": _today(form), "typed": typed}
    if filters.customer_of:
        context["customer"] = known_jobs.customer_name(here, filters.customer_of)
    try:
        context["listing"] = _found(request, here, filters, names, ahead)
    except APIError as error:
        context["problem"] = type(error).__name__.lower()
    if not wants_part(request):
        form.offer(names, *_choices(here))
        return render(request, "jobs/list/list.html", context)
    found, seen = context.get("listing"), request.headers.get("HX-PTag")
    if seen is None:
        return render(request, "jobs/list/_rows.html", context)
    if not isinstance(found, jobs_listing.Listing) or seen == found.tag:
        return HttpResponse(status=204)  # unchanged, or no response: the page keeps its content
    return render(request, "jobs/list/_newest_rows.html", context)


@open_to_scripts
@require_safe
def as_json(request: Request, slug: str) -> HttpResponse:
    """One page of the list; `next` is the cursor of the next page."""
    found = _for_files(request, slug)
    return found if isinstance(found, HttpResponse) else JsonResponse(list_export.as_json(found))


@require_safe
def as_csv(request: Request, slug: str) -> HttpResponse:
    found = _for_files(request, slug)
    return found if isinstance(found, HttpResponse) else csv_response.csv(f"jobs-{slug}", list_export.as_rows(found))


def _today(form: JobListForm) -> str:
    """The start of the person's current day, in the filter's format."""
    begin = ranges.span(ranges.TODAY, clock.now(), form.where).begin
    return f"{begin.astimezone(form.where):%Y-%m-%dT%H:%M}"


def _for_files(request: Request, slug: str) -> jobs_listing.Listing | HttpResponse:
    here = team_for(request, slug)
    form = JobListForm(request.GET, _zone(request))
    filters = form.filters()
    if form.errors:
        return problem(
            400, "filter", " ".join(f"{name}: {error}" for name in form.errors for error in form.errors[name])
        )
    its_list = known_jobs if filters.needs_records else jobs_listing
    if not its_list.is_cursor(here, request.GET.get("cursor", "")):  # from page one again, a script never ends
        return problem(400, "filter", "cursor: It is not the `next` of a page with these filters.")
    ahead = _ahead(request, here, filters)
    try:
        return _found(request, here, filters, workflows.names(here, ahead), ahead)
    except APIError as error:
        answer = problem(503, type(error).__name__.lower())
        answer.headers["Retry-After"] = "30"
        return answer


def _zone(request: Request) -> str:
    return str(request.COOKIES.get("zone", ""))


def _choices(team: Team) -> tuple[dict[str, str], list[str]]:
    """The titles of causes by key, and the providers, for the filters."""
    causes, providers = known_jobs.choices(team)
    return cause_titles.titles(causes, get_language() or "en"), providers


def _ahead(request: Request, team: Team, filters: jobs_listing.Filters) -> Ahead:
    """The cached first page and names of workflows, if any."""
    first = jobs_listing.first_page_name(team, request.GET.get("cursor", ""), filters)
    return cache.ahead(team, workflows.NAMES, first)


def _found(
    request: Request, team: Team, filters: jobs_listing.Filters, names: Mapping[str, str], ahead: Ahead
) -> jobs_listing.Listing:
    """The list. `names`: names of workflows by id."""
    cursor = request.GET.get("cursor", "")
    if filters.needs_records:
        return known_jobs.listing(team, cursor, filters, asker(request), names)
    return jobs_listing.listing(team, cursor, filters, asker(request), names, ahead)


@require_safe
def runs(request: Request, slug: str, job_id: UUID) -> HttpResponse:
    """Other jobs of the same document, which the job's page loads on request; without a copy, that page comes first."""
    here = team_for(request, slug)
    shown = snapshots.cached(here, job_id, clock.now())
    if shown is None or shown.job is None:
        if wants_part(request):
            raise Http404
        return redirect("jobs:job", slug, job_id)
    context: dict[str, object] = {
        "team": here, "job_id": job_id, "compared_with": job_id if shown.job.envelope else None,
        "is_part": wants_part(request),
    }  # fmt: skip
    entry = shown.job.silo_entry_id
    try:
        context["listing"] = jobs_listing.runs_of_entry(here, entry, job_id, request.user)
    except (APIError, TooMany) as error:
        context["problem"] = type(error).__name__.lower()
        context["listing"] = known_jobs.runs_of_entry(here, entry, job_id)
    return render(request, "jobs/list/_runs.html" if wants_part(request) else "jobs/list/runs.html", context)
