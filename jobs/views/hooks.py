"""Receives webhooks of Invopop's "Send webhook" step; and the page where a manager creates the secret.

The body is only a hint that a job has changed: the data is then fetched from the API. A duplicate, late or forged
webhook costs at most one request.
"""

from uuid import UUID

import msgspec
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from jobs import clock
from jobs.background import workspace_reading
from jobs.http import Request
from jobs.models import Change, Team
from jobs.teams import audit, webhook_secrets
from jobs.upstream import snapshots, telemetry
from jobs.views.confirmation import Question, ask, is_confirmed
from jobs.views.reauthentication import reauthenticated_manager_required

LARGEST = 64 * 1024  # bytes of a webhook's body
FULL = "Accepted. Too many unknown jobs are waiting: this one is read when the job list names it.\n"


class Report(msgspec.Struct):
    """The part we read of [D] {id, event, transform_job_id, silo_entry_id, owner_id, key, args, faults}."""

    transform_job_id: UUID | None = None


@csrf_exempt
@require_POST
@login_not_required
def hook(request: HttpRequest, slug: str) -> HttpResponse:
    """204, or 401 for any reason. With a correct secret, an invalid body is accepted too.

    200 if too many unknown jobs wait for one more. [D] A webhook with another response than 200 or 204 is retried for
    twelve hours and ends as a fault of the job.
    """
    if _length(request) > LARGEST:
        return HttpResponse(status=413)
    now = clock.now()
    team = webhook_secrets.team_that_trusts(slug, _shown(request), now)
    if team is None:
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    webhook_secrets.note_report(team, now)
    if job_id := _job_id(request.body):
        snapshots.mark_due(team, job_id, now)
        if not workspace_reading.report(team, job_id, now):
            telemetry.increment("webhooks_unqueued")
            return HttpResponse(FULL, content_type="text/plain")
    return HttpResponse(status=204)


@require_POST
@sensitive_variables()
@reauthenticated_manager_required
def secret(request: Request, team: Team) -> HttpResponseBase:
    """Creates a secret and shows it once; with `remove`, disables webhooks."""
    now = clock.now()
    if "remove" in request.POST and not is_confirmed(request):
        return _ask_to_remove(request, team)
    if "remove" in request.POST:
        webhook_secrets.remove(team)
        audit.note(request, team, Change.What.WEBHOOK_REMOVED, "", now)
        return redirect("jobs:settings", team.slug)
    made = webhook_secrets.make(team, request.user, now)
    audit.note(request, team, Change.What.WEBHOOK_SET, "", now)
    return render(request, "teams/webhook.html", {"team": team, "secret": made.reveal()})


def _ask_to_remove(request: Request, team: Team) -> HttpResponseBase:
    question = Question(
        _("Stop accepting webhooks?"),
        _("The secret is deleted, and workflows that use it are answered with 401 until you create a new one."),
        _("Stop accepting webhooks"),
        {"remove": "1"},
    )
    return ask(request, team, question)


def _length(request: HttpRequest) -> int:
    """The Content-Length, beyond which Django reads nothing. A body without it counts as empty."""
    announced = request.META.get("CONTENT_LENGTH") or "0"
    return int(announced) if announced.isascii() and announced.isdigit() else LARGEST + 1


def _shown(request: HttpRequest) -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def _job_id(body: bytes) -> UUID | None:
    try:
        return msgspec.json.decode(body, type=Report).transform_job_id
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
