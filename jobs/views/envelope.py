"""The envelope: a viewer addressed by JSON Pointer, a level and a piece at a time, and the download."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jobs import raw, snapshots
from jobs.access import team_for
from jobs.http import Request
from jobs.models import LookUp, Team
from jobs.views.job import as_data
from jobs.views.record import record


@require_safe
def viewer(request: Request, slug: str, job_id: UUID) -> HttpResponse:
    """Opened at `?at=<JSON Pointer>`, from `?start=` on in long values, `?line=` in the plain text; `?q=` searches.

    For htmx the viewer alone.
    """
    team = team_for(request, slug)
    body = _envelope(team, job_id)
    context = {"team": team, "job_id": job_id} | _place(request, body)
    return render(request, "jobs/_viewer.html" if request.htmx else "jobs/envelope.html", context)


@require_safe
def download(request: Request, slug: str, job_id: UUID) -> HttpResponse:
    team = team_for(request, slug)
    response = as_data(_envelope(team, job_id))
    response.headers["Content-Disposition"] = f'attachment; filename="envelope-{job_id}.json"'
    record(request, team, job_id, LookUp.What.ENVELOPE, "")
    return response


def _place(request: Request, body: bytes) -> dict[str, Any]:
    """What stands at the pointer; at a pointer that leads nowhere, the root and a word about it."""
    at, typed = request.GET.get("at", ""), request.GET.get("q", "").strip()
    node = raw.node(body, at, start=_number(request, "start"))
    missing = "" if node is not None else at
    node = node or raw.node(body)
    text = raw.value_at(body, node.pointer) if node is not None else body
    return {
        "node": node,
        "missing": missing,
        "crumbs": raw.crumbs(node.pointer) if node is not None else [],
        "piece": raw.pretty(text or body, _number(request, "line")),
        "typed": typed,
        "hits": raw.search(body, typed) if typed else None,
    }


def _number(request: Request, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _envelope(team: Team, job_id: UUID) -> bytes:
    shown = snapshots.look(team, job_id, timezone.now())
    if shown.job is None or shown.job.envelope is None:
        raise Http404
    return shown.job.envelope
