"""Every component of the job page in every state, for those who work on it. Served under DEBUG only."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jobs.presenters import style_guide as components


@require_safe
@login_not_required
def styleguide(request: HttpRequest) -> HttpResponse:
    return render(request, "styleguide.html", components.context(request.GET.get("state", "")))
