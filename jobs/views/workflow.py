"""Fetches a job's workflow. The page requests it after loading, so that no page waits for it.

If the workflow has changed, or the page does not show it yet, the response triggers a poll.
"""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe
from django_htmx.http import trigger_client_event

from jobs import clock
from jobs.http import Request
from jobs.teams.access import team_for
from jobs.upstream import snapshots, store, workflows
from jobs.views import live_part


@require_safe
def workflow(request: Request, slug: str, job_id: UUID) -> HttpResponse:
    team, now = team_for(request, slug), clock.now()
    shown = snapshots.cached(team, job_id, now)
    if shown is None or shown.job is None:
        raise Http404
    workflow_id = shown.job.workflow_id
    is_news = workflows.learn(team, workflow_id, now)
    # The version of a page that does not show the workflow, because another page requested it.
    without = request.GET.get("without")
    is_missing = without is not None and workflows.known(team, workflow_id) is not None
    if is_news or (is_missing and without == live_part.part(request, shown).tag):  # else a later version shows it
        store.conclude_again(shown.row, shown.job, now)
    response = HttpResponse(status=204)
    return trigger_client_event(response, "poll") if is_news or is_missing else response
