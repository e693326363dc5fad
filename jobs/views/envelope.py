"""The envelope: a viewer of its levels and pieces, addressed by JSON Pointer; comparison and download."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from jobs import clock
from jobs.http import Request, wants_part
from jobs.invopop.key_detection import holds_key
from jobs.lookup import pasted, rate_limit
from jobs.models import LookUp, Team
from jobs.presenters import card, envelope
from jobs.presenters.envelope import comparison
from jobs.presenters.envelope.comparison import Comparison
from jobs.teams.access import team_for
from jobs.upstream import snapshots
from jobs.views import heavy_views
from jobs.views.job_json import as_data
from jobs.views.opening import look, record, record_once
from jobs.views.pasted_key import warn_of_key


@require_safe
def viewer(request: Request, slug: str, job_id: UUID) -> HttpResponse:
    """The viewer at `?at=<JSON Pointer>`, from `?start=` on in long values; `?q=` searches, `?hit=` selects a hit.

    `&value` returns only the value, unchanged; `?digest` compares a long document with its digest. For htmx it returns
    the viewer; with `&inside` the children of a place, with `&line=` a piece of the indented text.
    """
    team = team_for(request, slug)
    shown = look(request, team, job_id)
    here: dict[str, object] = {"team": team, "job_id": job_id}
    if shown.job is None or shown.job.envelope is None:
        return render(request, "jobs/envelope/no_envelope.html", here | {"has_job": shown.job is not None}, status=404)
    record_once(request, team, job_id, shown.row.outcome)
    if "value" in request.GET:
        return _value(shown.job.envelope, request.GET.get("at", ""))
    with heavy_views.heavy(len(shown.job.envelope)):
        return _viewed(request, here, shown.job.envelope)


def _viewed(request: Request, here: dict[str, object], body: bytes) -> HttpResponse:
    if wants_part(request) and "inside" in request.GET:
        return render(request, "jobs/envelope/_loaded_children.html", here | _inside(request, body))
    lines = _lines(request, body) if "line" in request.GET else {}
    if wants_part(request) and lines:
        return render(request, "jobs/envelope/_lines.html", here | lines)
    typed = request.GET.get("q", "").strip()
    asked = envelope.Asked(request.GET.get("at", ""), _number(request, "start"), typed, _number(request, "hit"))
    context = here | {"page": envelope.page(body, asked)} | lines
    if "digest" in request.GET:
        context["digest"] = card.checked(body)
    return render(
        request, "jobs/envelope/_viewer.html" if wants_part(request) else "jobs/envelope/envelope.html", context
    )


@require_safe
def download(request: Request, slug: str, job_id: UUID) -> HttpResponse:
    team = team_for(request, slug)
    shown = look(request, team, job_id)
    if shown.job is None or shown.job.envelope is None:
        raise Http404
    response = as_data(shown.job.envelope)
    response.headers["Content-Disposition"] = f'attachment; filename="envelope-{job_id}.json"'
    record(request, team, job_id, LookUp.What.ENVELOPE, "")
    return response


@require_safe
def compare(request: Request, slug: str, job_id: UUID) -> HttpResponseBase:
    """The changes from or to the job in `?with=`; without it, the form to enter one."""
    team = team_for(request, slug)
    typed = request.GET.get("with", "").strip()
    if holds_key(typed):
        warn_of_key(request)
        return redirect("jobs:compare", slug, job_id)
    context: dict[str, object] = {"team": team, "job_id": job_id, "named": typed}
    if typed:
        rate_limit.spend(request.user)
        with heavy_views.heavy():
            found = _compared(team, job_id, typed)
        if found.other:
            record(request, team, found.other.row.job_id, LookUp.What.JOB, found.other.row.outcome)
            record_once(request, team, job_id, "")
        context["found"] = found
    return render(request, "jobs/envelope/compare.html", context)


def _compared(team: Team, job_id: UUID, typed: str) -> Comparison:
    """`typed` names the other job in any form: a bare id, a permalink, a log line."""
    other = pasted.job_id(typed)
    if other is None:
        return Comparison("no_job_named")
    if other == job_id:
        return Comparison("same")
    now = clock.now()
    return comparison.compare(snapshots.for_page(team, job_id, now), snapshots.for_page(team, other, now))


def _value(body: bytes, at: str) -> HttpResponse:
    """The unchanged bytes of a value, as plain text that a browser does not render."""
    value = envelope.value_at(body, at)
    if value is None:
        raise Http404
    response = as_data(value)
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    return response


def _inside(request: Request, body: bytes) -> dict[str, object]:
    """A piece of a place's children: the first, the one from `start`, or the one that ends `before`."""
    start, before = _number(request, "start"), _number(request, "before")
    first = max(0, before - envelope.CHILDREN) if before else start
    node = envelope.node(
        body, request.GET.get("at", ""), start=first, count=before - first if before else envelope.CHILDREN
    )
    if node is None:
        raise Http404
    return {"node": node, "edge": "before" if before else "after" if start else ""}


def _lines(request: Request, body: bytes) -> dict[str, object]:
    at = request.GET.get("at", "")
    text = envelope.value_at(body, at)
    if text is None:
        at, text = "", body
    return {"piece": envelope.pretty(text, _number(request, "line")), "lines_of": at}


def _number(request: Request, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
