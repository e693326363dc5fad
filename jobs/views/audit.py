"""A team's audit record, for managers: paged, or as CSV."""

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jobs.http import Request
from jobs.teams import audit
from jobs.teams.access import managed_team_for
from jobs.views import csv_response


@require_safe
def entries(request: Request, slug: str) -> HttpResponse:
    team = managed_team_for(request, slug)
    found = audit.page(team, audit.place(request.GET.get("before", "")))
    shown, has_more = found[: audit.PAGE], len(found) > audit.PAGE
    return render(request, "teams/audit.html", {"team": team, "entries": shown, "has_more": has_more})


@require_safe
def download(request: Request, slug: str) -> StreamingHttpResponse:
    team = managed_team_for(request, slug)
    return csv_response.long_csv(f"audit-{team.slug}", audit.as_csv(team))
