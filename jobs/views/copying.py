"""Texts to copy, previewed in a dialog on the job's page, or on a page of their own."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from jobs import clock
from jobs.cases import case_of_job, notes
from jobs.http import Request, public_url, wants_part
from jobs.models import Team
from jobs.presenters import copied
from jobs.presenters.copied import Facts
from jobs.teams.access import team_for
from jobs.upstream import workflows
from jobs.views.opening import look, record_once

READERS = ("ticket", "support", "customer")


@require_safe
def copy(request: Request, slug: str, job_id: UUID) -> HttpResponse:
    """`?for=` is one of READERS; a ticket also takes `&as=markdown`, `&identity=on` and `&notes=on`, a customer's text
    `&language=`.
    """
    team = team_for(request, slug)
    facts = _facts(request, team, job_id)
    wanted = request.GET.get("for", "")
    reader = wanted if wanted in READERS else READERS[0]
    context = {"team": team, "job_id": job_id, "reader": reader} | _text(request, facts, reader)
    if reader == "ticket":
        context |= _with_notes(request, team, job_id, context)
    part = "jobs/copy/_copy.html" if wants_part(request) else "jobs/copy/copy.html"
    return render(request, part, context)


def _with_notes(request: Request, team: Team, job_id: UUID, context: dict[str, object]) -> dict[str, object]:
    """The context with the notes, if there are any and they are requested."""
    case = case_of_job.of_job(team, job_id)
    opened, count = notes.of(case, copied.notes.MOST) if case else ([], 0)
    if request.GET.get("notes") != "on" or not opened:
        return {"notes_count": count}
    text = copied.with_notes(str(context["text"]), opened, is_markdown=bool(context["is_markdown"]))
    return {"notes_count": count, "with_notes": True, "text": text}


def _facts(request: Request, team: Team, job_id: UUID) -> Facts:
    shown = look(request, team, job_id)
    if shown.job is None:
        raise Http404
    record_once(request, team, job_id, shown.row.outcome)
    workflow = workflows.known(team, shown.job.workflow_id)
    link = public_url(reverse("jobs:job", args=[team.slug, job_id]))
    return copied.facts(shown.job, team, link, clock.now(), workflow, get_language() or "en")


def _text(request: Request, facts: Facts, reader: str) -> dict[str, object]:
    if reader == "customer":
        letter = copied.letter(facts, request.GET.get("language", ""))
        return {"text": letter.text, "letter": letter}
    if reader == "support":
        return {"text": copied.support(facts)}
    is_markdown, with_identity = request.GET.get("as") == "markdown", request.GET.get("identity") == "on"
    write = copied.markdown if is_markdown else copied.ticket
    text = write(facts, with_identity=with_identity)
    return {"text": text, "is_markdown": is_markdown, "with_identity": with_identity}
