"""What failed and why: the page, its htmx part, JSON and CSV."""

from collections.abc import Iterable

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from jobs import clock
from jobs.background import workspace_reading
from jobs.failures import filter_choices, incident_query, queries, ranges, trend_queries
from jobs.failures.filters import Filters
from jobs.failures.grouping import ENDED, MENDED, OPEN, Failures
from jobs.failures.incidents import Incident
from jobs.forms.filter_forms import FailuresForm
from jobs.http import Request, problem, row_number, wants_part
from jobs.models import Team
from jobs.presenters import cause_titles, failure_export
from jobs.presenters import failures as presented
from jobs.presenters import trends as trend_page
from jobs.teams.access import is_manager, team_for
from jobs.views import csv_response, heavy_views
from jobs.views.render_cache import RenderCache
from jobs.views.script_access import open_to_scripts

# One query for everything but the causes; a whole page also needs the choices of its filters and the saved views.
_PART = f"{incident_query.SQL} UNION ALL {workspace_reading.SQL}"
_PAGE = f"{filter_choices.WITH} {_PART} UNION ALL {filter_choices.SQL}"

KEPT_ROWS = 4_000_000  # bytes cached per process: rows with up to two a character, and what they were made from
_rendered: RenderCache[SafeString] = RenderCache(KEPT_ROWS, lambda row: 3 * len(row), "failures")


@require_safe
@heavy_views.count()
def failures(request: Request, slug: str) -> HttpResponse:
    """The page; for htmx its live part, without a body while that is unchanged."""
    team, now, is_part = team_for(request, slug), clock.now(), wants_part(request)
    form = _form(request)
    filters = form.filters(now)
    start = row_number(request.GET.get("start", "")) or 0
    span = {"begin": filters.span.begin, "end": filters.span.end}
    beside = incident_query.rows(_PART if is_part else _PAGE, team, now, user=request.user.pk, **span)
    found = queries.failures(team, filters, start)
    page = presented.for_a_browser(_page(found, filters, incident_query.read(beside, now)))
    jobs = tuple(presented.job_row(job) for job in found.listed[: queries.JOBS_A_PAGE])
    tag = presented.tag(page, jobs)
    if is_part and request.headers.get("HX-PTag") == tag:
        return HttpResponse(status=204)
    read = workspace_reading.read(team, beside, now)
    context = {
        "team": team, "form": form, "filters": filters, "page": page, "tag": tag, "jobs": jobs, "reading": read,
        "rows": {} if jobs else _rows(page, team),
        "next_start": start + len(jobs) if len(found.listed) > len(jobs) else None,
        "all_causes": filters.query(cause=""), "is_blind": not read.is_current or read.finished_at is None,
    }  # fmt: skip
    if is_part:
        return render(request, "jobs/failures/_live.html", context)
    offered = filter_choices.read(team, beside)
    form.offer(offered.workflows, offered.providers, offered.members)
    saved = {"views": offered.views, "manages": is_manager(request.user, team)}
    return render(request, "jobs/failures/failures.html", context | saved)


def _rows(page: presented.Page, team: Team) -> dict[str, list[SafeString]]:
    """The causes of each state as HTML, each rendered again only when it has changed."""
    address, language = reverse("jobs:list", args=[team.slug]), get_language()

    def row(cause: presented.CauseRow) -> SafeString:
        context = {"cause": cause, "address": address}
        return _rendered.get((cause, address, language), lambda: render_to_string("jobs/failures/_cause.html", context))

    return {state: [row(cause) for cause in getattr(page, state)] for state in (ENDED, OPEN, MENDED)}


@open_to_scripts
@require_safe
@heavy_views.count()
def as_json(request: Request, slug: str) -> HttpResponse:
    team = team_for(request, slug)
    form = _form(request)
    filters = form.filters(clock.now())
    if form.errors:
        return _refusal(form)
    return JsonResponse(failure_export.as_json(_whole_page(team, filters), filters))


@require_safe
@heavy_views.count()
def trends(request: Request, slug: str) -> HttpResponse:
    team, now = team_for(request, slug), clock.now()
    zone = ranges.zone(request.GET.get("zone", "") or request.COOKIES.get("zone", ""))
    found = trend_queries.trends(team, zone, now)
    titles = cause_titles.titles(queries.named(team, [each.cause for each in found.causes]), get_language() or "en")
    page = trend_page.page(found, titles, zone)
    return render(request, "jobs/failures/trends.html", {"team": team, "page": page})


@require_safe
@heavy_views.count()
def as_csv(request: Request, slug: str) -> HttpResponse:
    team = team_for(request, slug)
    form = _form(request)
    filters = form.filters(clock.now())
    if form.errors:
        return _refusal(form)
    return csv_response.csv(f"failures-{team.slug}", failure_export.as_rows(_whole_page(team, filters)))


def _form(request: Request) -> FailuresForm:
    return FailuresForm(request.GET, request.COOKIES.get("zone", ""))


def _refusal(form: FailuresForm) -> JsonResponse:
    sentences = [f"{name}: {error}" for name, every in form.errors.items() for error in every]
    return problem(400, "filter", " ".join(sentences))


def _whole_page(team: Team, filters: Filters) -> presented.Page:
    """What JSON and CSV are made of."""
    return _page(queries.failures(team, filters), filters, incident_query.incidents(team, clock.now()))


def _page(found: Failures, filters: Filters, incidents: Iterable[Incident]) -> presented.Page:
    return presented.page(found, filters, get_language() or "en", incidents)
