"""What failed and why: the page, its htmx part, JSON and CSV."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from django.contrib.auth.models import User
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from jobs import clock
from jobs.background import reading as readings
from jobs.failures import ranges, reading, saved_views, signs, weeks
from jobs.failures.filters import Filters
from jobs.failures.grouping import JobLine
from jobs.forms import FailuresForm
from jobs.http import Request, problem, row_number, wants_part
from jobs.lookup import lines
from jobs.models import Team
from jobs.presenters import failure_files
from jobs.presenters import failures as presented
from jobs.presenters import trends as trend_page
from jobs.teams.access import is_manager, team_for
from jobs.views import files
from jobs.views.scripts import open_to_scripts

LAST_PLACE = 100_000


@require_safe
def failures(request: Request, slug: str) -> HttpResponse:
    """By cause; for htmx the live part, without a body while it shows the same."""
    team = team_for(request, slug)
    form = _form(request)
    filters = form.filters(clock.now())
    page = presented.for_a_browser(_page(team, filters))
    jobs, after = _jobs(request, team, filters)
    tag = presented.tag(page, jobs)
    if wants_part(request) and request.headers.get("HX-PTag") == tag:
        return HttpResponse(status=204)
    context = {
        "team": team, "form": form, "filters": filters, "page": page, "tag": tag, "jobs": jobs, "next_start": after,
        "all_causes": filters.query(cause=""), **_reading(team),
    }  # fmt: skip
    if wants_part(request):
        return render(request, "jobs/failures/_live.html", context)
    form.offer(
        *reading.choices(team, filters), members=User.objects.filter(memberships__team=team).order_by("username")
    )
    saved = {"views": saved_views.of(team, request.user), "manages": is_manager(request.user, team)}
    return render(request, "jobs/failures/failures.html", context | saved)


@open_to_scripts
@require_safe
def as_json(request: Request, slug: str) -> HttpResponse:
    team = team_for(request, slug)
    form = _form(request)
    filters = form.filters(clock.now())
    if form.errors:
        return _refusal(form)
    return JsonResponse(failure_files.as_json(_page(team, filters), filters))


@require_safe
def trends(request: Request, slug: str) -> HttpResponse:
    team, now = team_for(request, slug), clock.now()
    zone = ranges.zone(request.GET.get("zone", "") or request.COOKIES.get("zone", ""))
    found = weeks.trends(team, zone, now)
    titles = presented.titles(reading.named(team, [each.cause for each in found.causes]), get_language() or "en")
    page = trend_page.page(found, titles, zone)
    return render(request, "jobs/failures/trends.html", {"team": team, "page": page})


@require_safe
def as_csv(request: Request, slug: str) -> HttpResponse:
    team = team_for(request, slug)
    form = _form(request)
    filters = form.filters(clock.now())
    if form.errors:
        return _refusal(form)
    return files.csv(f"failures-{team.slug}", failure_files.as_rows(_page(team, filters)))


def _form(request: Request) -> FailuresForm:
    return FailuresForm(request.GET, request.COOKIES.get("zone", ""))


def _reading(team: Team) -> dict[str, object]:
    """How much of the period has been read."""
    found = readings.of(team, clock.now())
    return {"reading": found, "is_blind": not found.is_current or found.finished_at is None}


def _refusal(form: FailuresForm) -> JsonResponse:
    sentences = [f"{name}: {error}" for name, every in form.errors.items() for error in every]
    return problem(400, "filter", " ".join(sentences))


def _page(team: Team, filters: Filters) -> presented.Page:
    found = reading.failures(team, filters)
    about = _about(team, reading.shown(found), reading.held(team, filters))
    return presented.page(found, filters, about, get_language() or "en", signs.incidents(team, clock.now()))


def _about(
    team: Team, jobs: Sequence[JobLine], held: Mapping[tuple[str, str], int] = MappingProxyType({})
) -> presented.About:
    known = lines.of_jobs(team, {job.job_id: job.entry_id for job in jobs})
    sealed = {job_id: line.sealed for job_id, line in known.items()}
    cases = {job_id: line.case for job_id, line in known.items() if line.case}
    return presented.About(sealed, cases, held)


def _jobs(request: Request, team: Team, filters: Filters) -> tuple[tuple[presented.JobRow, ...], int | None]:
    """One page of the jobs of one cause, and the start of the next."""
    if not filters.cause:
        return (), None
    start = min(row_number(request.GET.get("start", "")) or 0, LAST_PLACE)
    found = reading.jobs_of(team, filters, start)
    shown = found[: reading.JOBS_A_PAGE]
    about = _about(team, shown)
    rows = tuple(presented.job_row(job, about) for job in shown)
    return rows, start + len(shown) if len(found) > len(shown) else None
