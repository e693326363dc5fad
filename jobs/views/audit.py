"""A team's audit record, for managers: paged, or as CSV."""

from itertools import chain

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jobs.http import Request
from jobs.teams import audit
from jobs.teams.access import managed_team_for


@require_safe
def entries(request: Request, slug: str) -> HttpResponse:
    team = managed_team_for(request, slug)
    found = audit.page(team, audit.place(request.GET.get("before", "")))
    shown, has_more = found[: audit.PAGE], len(found) > audit.PAGE
    return render(request, "teams/audit.html", {"team": team, "entries": shown, "has_more": has_more})


@require_safe
def download(request: Request, slug: str) -> StreamingHttpResponse:
    team = managed_team_for(request, slug)
    name = f"audit-{team.slug}-{timezone.now():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    lines = audit.as_csv(team)
    return StreamingHttpResponse(chain([next(lines)], lines), content_type="text/csv; charset=utf-8", headers=headers)
