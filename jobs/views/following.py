"""Follows of a job: a person by e-mail, the team through a channel."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jobs import clock
from jobs.background import heartbeat
from jobs.http import Request, wants_part
from jobs.models import Channel, Team
from jobs.notifications import channels, follows
from jobs.teams.access import team_for
from jobs.views.opening import enforce_lookup_limit


@require_POST
def follow(request: Request, slug: str, job_id: UUID) -> HttpResponseBase:
    """Starts a follow of `channel`, or without one of the person; with `off`, ends it. For htmx, only the choices."""
    here = team_for(request, slug)
    channel = _channel(here, request.POST["channel"]) if request.POST.get("channel") else None
    problem = ""
    if "off" in request.POST:
        follows.stop(here, job_id, user=None if channel else request.user, channel=channel)
    else:
        enforce_lookup_limit(request, here, job_id)
        problem = _start(request, here, job_id, channel)
    if wants_part(request):
        choices = None if follows.is_over(here, job_id) else follows.choices(request.user, here, job_id)
        context = {"team": here, "job_id": job_id, "follow": choices, "problem": problem, "is_open": True}
        context["is_worker_heard"] = heartbeat.is_heard(clock.now())
        return render(request, "jobs/job/_follow.html", context)
    if problem:
        messages.error(request, problem)
    return redirect("jobs:job", slug, job_id)


def _start(request: Request, here: Team, job_id: UUID, channel: Channel | None) -> str:
    """Starts the follow; returns the obstacle, or ""."""
    if follows.is_over(here, job_id):
        return _("This job has ended: there is nothing more to follow.")
    if channel is None and follows.choices(request.user, here, job_id).obstacle:
        return _("No mail can be sent to you: it needs a mail server, and an address that you have confirmed.")
    language = get_language() or "en"
    begun = follows.start(here, job_id, clock.now(), request.user, language, channel=channel)
    return "" if begun else _("Too many jobs are followed already. Stop following one first.")


def _channel(here: Team, key: str) -> Channel:
    found = next((each for each in channels.at_work(here) if str(each.key) == key), None)
    if found is None:
        raise Http404
    return found
