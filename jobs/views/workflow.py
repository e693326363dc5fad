"""Fetches a job's workflow. The page requests it after loading, so that no page waits for it.

If the workflow has changed, or the page does not show it yet, the response triggers a poll. If the API takes long, the
fetch goes on without this request, and the page asks once more.
"""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe
from django_htmx.http import trigger_client_event

from jobs import clock
from jobs.http import Request
from jobs.models import Team
from jobs.teams.access import team_for
from jobs.upstream import refresh, snapshots, store, workflows
from jobs.views import live_part

WAIT = 1.0  # seconds for the API


@require_safe
def workflow(request: Request, slug: str, job_id: UUID) -> HttpResponse:
    team, now = team_for(request, slug), clock.now()
    shown = snapshots.cached(team, job_id, now)
    if shown is None or shown.job is None:
        raise Http404
    workflow_id = shown.job.workflow_id
    is_due = workflows.is_due(team, workflow_id, now)
    is_news = refresh.run_for_at_most(WAIT, lambda: _learn(team, job_id, workflow_id)) if is_due else False
    if is_news is None:
        return HttpResponse(status=202)
    # The version of a page that does not show the workflow, because another page requested it.
    without = request.GET.get("without")
    is_missing = without is not None and workflows.known(team, workflow_id) is not None
    if not is_news and is_missing and without == live_part.part(request, shown).tag:  # else a later version shows it
        store.conclude_again(shown.row, shown.job, now)
    response = HttpResponse(status=204)
    return trigger_client_event(response, "poll") if is_news or is_missing else response


def _learn(team: Team, job_id: UUID, workflow_id: str) -> bool:
    """Requests the workflow, and concludes the job again if it has changed. Returns whether it has."""
    now = clock.now()
    is_news = workflows.learn(team, workflow_id, now)
    shown = snapshots.cached(team, job_id, now) if is_news else None
    if shown is not None and shown.job is not None:
        store.conclude_again(shown.row, shown.job, now)
    return is_news
