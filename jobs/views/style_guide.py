"""The style guide: all components of the job and failures pages in every state. Served only under DEBUG."""

from dataclasses import replace

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jobs.background.workspace_reading import Reading
from jobs.presenters import style_guide as components

CAUGHT_UP = Reading("heard", components.NOW, True, True, False, 24, False, False, 306, 306, components.NOW)
READINGS = (
    CAUGHT_UP,
    replace(CAUGHT_UP, is_under_way=True, is_counting=True, found=40, done=0),
    replace(CAUGHT_UP, is_under_way=True, done=90),
    replace(CAUGHT_UP, is_on=False),
    replace(CAUGHT_UP, worker="never", worker_heard_at=None, finished_at=None),
    replace(CAUGHT_UP, worker="silent"),
    replace(CAUGHT_UP, has_token=False),
    replace(CAUGHT_UP, is_refused=True),
)


@require_safe
@login_not_required
def styleguide(request: HttpRequest) -> HttpResponse:
    context = components.context(request.GET.get("state", ""))
    return render(request, "styleguide.html", context | {"readings": READINGS})
