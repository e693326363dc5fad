"""Who did what in a team: for its managers, page by page or as a file."""

from datetime import datetime

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from jobs import audit
from jobs.access import managed_team_for
from jobs.http import Request


@require_safe
def entries(request: Request, slug: str) -> HttpResponse:
    team = managed_team_for(request, slug)
    found = audit.page(team, _before(request.GET.get("before", "")))
    shown, has_more = found[: audit.PAGE], len(found) > audit.PAGE
    return render(request, "teams/audit.html", {"team": team, "entries": shown, "has_more": has_more})


@require_safe
def download(request: Request, slug: str) -> StreamingHttpResponse:
    team = managed_team_for(request, slug)
    name = f"audit-{team.slug}-{timezone.now():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(audit.as_csv(team), content_type="text/csv; charset=utf-8", headers=headers)


def _before(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=timezone.get_default_timezone())
