"""The case of a job: part of the job's page, its own page, and its forms."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jobs import clock
from jobs.cases import case_of_job, claims, export, notes, states, tickets
from jobs.http import Request, row_number, wants_part
from jobs.lookup.job_page_query import Stored
from jobs.models import Case, Change, Note, Team
from jobs.presenters import case as presenter
from jobs.presenters.case import CaseShown
from jobs.teams import audit, members
from jobs.teams.access import is_manager, managed_team_for, team_for
from jobs.views import csv_response

Reply = tuple[str, str]  # "ok", "warn" or "fault", and a sentence
NOTHING: Reply = ("", "")


@require_safe
def case(request: Request, slug: str, job_id: UUID) -> HttpResponseBase:
    """The case's own page, with all notes; for htmx its part of the job's page, or 304 if unchanged."""
    here = team_for(request, slug)
    found, now = _found(here, job_id), clock.now()
    if not wants_part(request):
        return render(request, "jobs/case/case.html", context(request, here, job_id, found, is_whole=True))
    if request.headers.get("HX-PTag") == _tagged(presenter.tag(found, now)):
        return HttpResponseNotModified(headers={"X-Poll-Ms": str(presenter.poll_ms(found, now))})
    return render(request, "jobs/case/_bar_and_notes.html", context(request, here, job_id, found))


def context(
    request: Request, team: Team, job_id: UUID, found: Case | None, *, is_whole: bool = False
) -> dict[str, Any]:
    """The context of the case templates."""
    shown = _shown(request, job_id, found, most=None if is_whole else presenter.SHOWN)
    return {
        "team": team,
        "job_id": job_id,
        "case": shown,
        "case_tag": _tagged(shown.tag),
        "case_members": tuple(each for each in members.active(team) if each.pk != shown.holder_id),
        "case_is_managed": is_manager(request.user, team),
        "case_longest": notes.LONGEST,
    }


def of_page(request: Request, team: Team, stored: Stored) -> dict[str, Any]:
    """For the job's page; empty if the job can have no case."""
    row = stored.row
    try:
        found = case_of_job.followed(team, row.job_id, row.entry_id) if stored.has_case else None
    except case_of_job.NoSuchJob:
        return {}
    return context(request, team, row.job_id, found)


def changes(view: Callable[..., tuple[Reply, str]]) -> Callable[..., HttpResponseBase]:
    """Decorates the view of a form, which returns a reply and an anchor. For htmx, responds with the updated case."""

    @require_POST
    @wraps(view)
    def respond(request: Request, slug: str, job_id: UUID) -> HttpResponseBase:
        here = team_for(request, slug)
        try:
            reply, place = view(request, here, job_id)
        except (case_of_job.NoSuchJob, Note.DoesNotExist):
            raise Http404 from None
        if not wants_part(request):
            if reply[1]:
                messages.add_message(request, messages.ERROR if reply[0] == "fault" else messages.INFO, reply[1])
            return redirect(f"{reverse('jobs:job', args=[slug, job_id])}#{place}")
        shown = context(request, here, job_id, _found(here, job_id))
        response = render(request, "jobs/case/_bar_and_notes.html", shown | {"case_said": reply})
        response.headers["HX-Trigger"] = "case-refused" if reply[0] == "fault" else "case-changed"
        return response

    return respond


@require_POST
def note(request: Request, slug: str, job_id: UUID) -> HttpResponseBase:
    """Adds a note. With `note`, edits one's own; with `delete`, deletes one's own, or as a manager any.

    A text that is too long is sent back, so that it is not lost.
    """
    if not wants_part(request) and len(request.POST.get("text", "")) > notes.LONGEST:
        here = team_for(request, slug)
        shown = context(request, here, job_id, _found(here, job_id), is_whole=True)
        typed = {"case_typed": request.POST["text"], "case_said": _refusal(notes.TooLong())}
        return render(request, "jobs/case/case.html", shown | typed, status=422)
    return _note(request, slug, job_id)


@changes
def _note(request: Request, team: Team, job_id: UUID) -> tuple[Reply, str]:
    if "delete" in request.POST:
        return _delete(request, team, job_id)
    now, text, key = clock.now(), request.POST.get("text", ""), request.POST.get("note")
    try:
        if key:
            written = notes.edit(_to_change(team, job_id), _key(key), request.user, text, now)
        else:
            written = notes.write(team, job_id, request.user, text, now)
    except notes.Refused as refused:
        return _refusal(refused), "note-form"
    _record(request, team, job_id, Change.What.NOTE_EDITED if key else Change.What.NOTE_WRITTEN)
    return NOTHING, f"note-{written.key}"


@changes
def holder(request: Request, team: Team, job_id: UUID) -> tuple[Reply, str]:
    """Claims the case; with `release`, releases it; with `to`, hands it over. `seen`: the holder on the page."""
    now, seen = clock.now(), row_number(request.POST.get("seen", "")) or None
    try:
        if "release" in request.POST:
            claims.release(team, job_id, request.user, now)
            _record(request, team, job_id, Change.What.CASE_RELEASED)
        elif "to" in request.POST:
            claims.hand_over(team, job_id, request.user, seen, row_number(request.POST["to"]) or 0, now)
            _record(request, team, job_id, Change.What.CASE_HANDED)
        else:
            claims.take(team, job_id, request.user, seen, now)
            _record(request, team, job_id, Change.What.CASE_TAKEN)
    except claims.Lost as lost:
        if lost.holder is None:
            return ("fault", _("Nobody has this any more. Take it if it is yours.")), "case"
        return ("fault", _("%(name)s took it just before.") % {"name": lost.holder.get_username()}), "case"
    except claims.NoMember:
        return ("fault", _("Choose somebody of the team.")), "case"
    return NOTHING, "case"


@changes
def state(request: Request, team: Team, job_id: UUID) -> tuple[Reply, str]:
    wanted = request.POST.get("state", "")
    if wanted not in Case.State.values:
        return ("fault", _("Choose a state.")), "case"
    if states.put(team, job_id, request.user, wanted, clock.now()):
        _record(request, team, job_id, Change.What.CASE_STATE)
    return NOTHING, "case"


@changes
def ticket(request: Request, team: Team, job_id: UUID) -> tuple[Reply, str]:
    """Sets the ticket's URL; with `remove`, removes it."""
    if "remove" in request.POST:
        if tickets.remove(team, job_id, clock.now()):
            _record(request, team, job_id, Change.What.TICKET_REMOVED)
        return NOTHING, "case"
    try:
        if tickets.put(team, job_id, request.user, request.POST.get("address", ""), clock.now()):
            _record(request, team, job_id, Change.What.TICKET_SET)
    except tickets.NotAnAddress:
        return ("fault", _("A ticket’s address starts with https:// and has no password in it.")), "case"
    return NOTHING, "case"


@changes
def pin(request: Request, team: Team, job_id: UUID) -> tuple[Reply, str]:
    """Pins the job for the whole team; with `off`, unpins."""
    on = "off" not in request.POST
    if states.pin(team, job_id, request.user, clock.now(), on=on):
        _record(request, team, job_id, Change.What.TEAM_PINNED if on else Change.What.TEAM_UNPINNED)
    return NOTHING, "case"


@require_safe
def download(request: Request, slug: str) -> HttpResponseBase:
    """All cases of the team with notes, for managers."""
    here = managed_team_for(request, slug)
    return csv_response.long_csv(f"cases-{here.slug}", export.as_csv(here))


def _shown(request: Request, job_id: UUID, found: Case | None, most: int | None) -> CaseShown:
    opened, count = notes.of(found, most) if found else ([], 0)
    ticket = tickets.address_of(found) if found else ""
    return presenter.shown(found, opened, count, ticket, request.user, job_id, clock.now())


def _found(team: Team, job_id: UUID) -> Case | None:
    try:
        return case_of_job.of_job(team, job_id)
    except case_of_job.NoSuchJob:
        raise Http404 from None


def _to_change(team: Team, job_id: UUID) -> Case:
    """Raises Note.DoesNotExist if there is no case."""
    found = case_of_job.of_job(team, job_id)
    if found is None:
        raise Note.DoesNotExist
    return found


def _delete(request: Request, team: Team, job_id: UUID) -> tuple[Reply, str]:
    by = None if is_manager(request.user, team) else request.user
    if notes.delete(_to_change(team, job_id), _key(request.POST["delete"]), clock.now(), by):
        _record(request, team, job_id, Change.What.NOTE_DELETED)
    return NOTHING, "notes"


def _key(text: str) -> UUID:
    """Raises Note.DoesNotExist for an invalid key."""
    try:
        return UUID(text)
    except ValueError:
        raise Note.DoesNotExist from None


def _refusal(refused: notes.Refused) -> Reply:
    match refused:
        case notes.Empty():
            return "fault", _("Write something first.")
        case notes.TooLong():
            sentence = ngettext(
                "A note has at most %(n)s character.", "A note has at most %(n)s characters.", notes.LONGEST
            )
            return "fault", sentence % {"n": notes.LONGEST}
        case notes.TooMany():
            return "fault", _("This case is full: no more notes fit in.")
    return "fault", _("A note can be edited by its author, for 15 minutes.")


def _record(request: Request, team: Team, job_id: UUID, what: Change.What) -> None:
    """Records the kind of a change, without its text, names or URLs."""
    audit.note(request, team, what, str(job_id), clock.now())


def _tagged(tag: str) -> str:
    return f"{tag}-{get_language()}"
