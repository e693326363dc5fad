"""The way from a job to its silo entry in the Invopop console."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jobs import console, folders, snapshots
from jobs.access import team_for
from jobs.http import Request


@require_safe
def entry(request: Request, slug: str, job_id: UUID) -> HttpResponseRedirect:
    team = team_for(request, slug)
    shown = snapshots.known(team, job_id, timezone.now())
    entry_id = shown.job.silo_entry_id if shown and shown.job else ""
    address = console.address("entry", entry_id, team, folders.folder(team, entry_id)) if entry_id else ""
    if address:
        return redirect(address)
    messages.warning(request, _("The API did not say where the entry lies. In the console, search for its id."))
    return redirect("jobs:job", slug, job_id)
