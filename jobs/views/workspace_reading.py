"""Reading a workspace in the background: its progress, its start, and the managers' switch."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jobs import clock, formatting
from jobs.background import workspace_reading
from jobs.forms.settings import SweepForm
from jobs.http import Request, wants_part
from jobs.models import Change, Sweep, Team, Work
from jobs.records import export, sweep
from jobs.teams import audit
from jobs.teams.access import is_manager, managed_team_for, team_for
from jobs.views import csv_response
from jobs.views.reauthentication import reauthenticated_manager_required


@require_safe
def reading(request: Request, slug: str) -> HttpResponse:
    """The progress; for htmx, only the part that other pages include."""
    team, now = team_for(request, slug), clock.now()
    workspace_reading.read_without_worker(team, now)
    template = "jobs/reading/_progress.html" if wants_part(request) else "jobs/reading/reading.html"
    return render(request, template, {"team": team, "reading": workspace_reading.of(team, now)})


@require_POST
def read_now(request: Request, slug: str) -> HttpResponseBase:
    """Starts reading the last hours, unless a reading is running.

    If a manager has switched reading off, only managers may start it; if the operator has, nobody may.
    """
    team, now = team_for(request, slug), clock.now()
    found = workspace_reading.of(team, now)
    if not found.is_allowed or not (found.is_on or is_manager(request.user, team)):
        raise PermissionDenied
    workspace_reading.begin(team, now)
    workspace_reading.read_without_worker(team, now)
    return redirect("jobs:failures", team.slug)


@require_POST
@reauthenticated_manager_required
def switch(request: Request, team: Team) -> HttpResponseBase:
    """Saves whether new jobs are read automatically, and how far back."""
    form = SweepForm(request.POST, instance=sweep.of(team))
    if not form.is_valid():
        messages.error(request, _("Nothing changed: choose one of the times offered."))
        return redirect("jobs:settings", team.slug)
    ended = {} if form.cleaned_data["is_on"] else {"reading_ended_at": clock.now()}  # also ends a running reading
    Sweep.objects.filter(team=team).update(**form.cleaned_data, **ended)
    Work.objects.bring_forward("sweep", clock.now(), team)
    audit.note(request, team, Change.What.SWEEP_SET, _summary(form), clock.now())
    messages.success(request, _("Saved."))
    return redirect("jobs:settings", team.slug)


@require_safe
def download(request: Request, slug: str) -> HttpResponseBase:
    """All records of the team's jobs, for its managers."""
    team = managed_team_for(request, slug)
    return csv_response.long_csv(f"jobs-{team.slug}", map(formatting.csv_line, export.rows(team)))


def _summary(form: SweepForm) -> str:
    """The settings as text for the audit record."""
    hours: int = form.cleaned_data["hours_back"]
    return formatting.about(hours * 3600) if form.cleaned_data["is_on"] else _("off")
