"""Saving a view of the failures page, and removing one."""

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jobs import clock
from jobs.failures import saved_views
from jobs.forms.filter_forms import FailuresForm, SavedViewForm
from jobs.http import Request, row_number
from jobs.models import Team
from jobs.teams.access import is_manager, team_for


@require_POST
def change(request: Request, slug: str) -> HttpResponseBase:
    """Saves the current filters by name; with `remove`, deletes one. Only managers change the team's."""
    team = team_for(request, slug)
    manages = is_manager(request.user, team)
    if "remove" in request.POST:
        wanted = row_number(request.POST["remove"]) or 0
        saved_views.removable(team, request.user, manages=manages).filter(pk=wanted).delete()
        return redirect("jobs:failures", slug)
    return _save(request, team, manages=manages)


def _save(request: Request, team: Team, *, manages: bool) -> HttpResponseBase:
    form = SavedViewForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the view a name of at most 60 characters."))
        return redirect("jobs:failures", team.slug)
    query = FailuresForm(form.query(), request.COOKIES.get("zone", "")).filters(clock.now()).query()
    owner = None if manages and form.cleaned_data["for_team"] else request.user
    if not saved_views.save(team, owner, form.cleaned_data["name"], query):
        messages.error(request, _("There are too many saved views. Remove one first."))
    return redirect(f"{reverse('jobs:failures', args=[team.slug])}?{query}")
