"""The link from a job to its silo entry in the Invopop console."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jobs import clock
from jobs.http import Request
from jobs.presenters import console_links
from jobs.teams.access import team_for
from jobs.upstream import silo_folders, snapshots


@require_safe
def entry(request: Request, slug: str, job_id: UUID) -> HttpResponseRedirect:
    team = team_for(request, slug)
    shown = snapshots.cached(team, job_id, clock.now())
    entry_id = shown.job.silo_entry_id if shown and shown.job else ""
    address = console_links.address("entry", entry_id, team, silo_folders.folder(team, entry_id)) if entry_id else ""
    if address:
        return redirect(address)
    messages.warning(request, _("The API did not say where the entry is. Search for its id in the console."))
    return redirect("jobs:job", slug, job_id)
