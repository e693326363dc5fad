"""The permalink of a job and its live part."""

from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from jobs import clock
from jobs.background import heartbeat
from jobs.failures import incident_query
from jobs.http import Request, wants_part
from jobs.lookup.document_runs import Runs, known_runs
from jobs.lookup.job_page_query import Stored
from jobs.notifications import follows
from jobs.presenters.incidents import IncidentLine, incident_line
from jobs.teams.access import team_for, teams_of
from jobs.upstream import snapshots
from jobs.views import case, live_part, shared_page
from jobs.views.opening import enforce_lookup_limit, look_for_page, record_without_waiting
from jobs.views.shared_page import TeamShown


@require_safe
@live_part.unchanged
def job(request: Request, slug: str, job_id: UUID) -> HttpResponse:
    """The page; for htmx its live part. `live_part.unchanged` answers polls if nothing has changed."""
    if seen := live_part.view_of_poll(request):
        return live_part.part(request, seen).response(request)
    team = team_for(request, slug)
    if wants_part(request):
        enforce_lookup_limit(request, team, job_id)
        return live_part.part(request, snapshots.for_poll(team, job_id, clock.now())).response(request)
    stored, shown = look_for_page(request, team, job_id)
    part = live_part.part(request, shown).readable()
    record_without_waiting(request, team, job_id, shown.row.outcome)
    runs = known_runs(shown.row) if stored.has_runs else Runs()
    content, is_run_in_headline = live_part.with_other_run(part, runs)
    own = {
        "page": part.page,
        "content": content,
        "is_run_in_headline": is_run_in_headline,
        "follow": None if shown.row.is_finished else _follow(request, stored),
        "is_worker_heard": heartbeat.state_of(stored.worker_heard_at, clock.now()) == "heard",
        "is_pinned": stored.is_pinned,
        "runs": runs,
        "incident": _incident(stored),
        "look_elsewhere": part.page.state == "gone" and teams_of(request.user).count() > 1,
    }
    own |= case.of_page(request, team, stored)
    context = part.context() | own | {"team": TeamShown.of(team)}
    return shared_page.response(request, "jobs/job/job.html", context, part.status)


@require_POST
def refresh(request: Request, slug: str, job_id: UUID) -> HttpResponseBase:
    """Refreshes manually; without htmx it redirects to the page."""
    team = team_for(request, slug)
    enforce_lookup_limit(request, team, job_id)
    shown = snapshots.refresh(team, job_id, clock.now())
    if wants_part(request):
        return live_part.part(request, shown).response(request)
    return redirect("jobs:job", slug, job_id)


def _follow(request: Request, stored: Stored) -> follows.Choices:
    row = stored.row
    return follows.choices(
        request.user, row.team, row.job_id, is_followed=stored.is_followed, has_channels=stored.has_channels
    )


def _incident(stored: Stored) -> IncidentLine | None:
    found = incident_query.of_record(stored.row.team, stored.record, clock.now())
    return incident_line(found) if found else None
