"""Creating and revoking access tokens for scripts."""

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from jobs import clock
from jobs.forms.settings import AccessTokenForm
from jobs.http import Request, row_number
from jobs.models import Change, Team
from jobs.teams import access_tokens, audit
from jobs.views.confirmation import Question, ask, is_confirmed
from jobs.views.reauthentication import reauthenticated_manager_required


@require_POST
@sensitive_variables()
@reauthenticated_manager_required
def access_token(request: Request, team: Team) -> HttpResponseBase:
    """Creates a token and shows it once; with `revoke`, ends one."""
    now = clock.now()
    if "revoke" in request.POST and not is_confirmed(request):
        return _ask_to_revoke(request, team)
    if "revoke" in request.POST:
        if token := access_tokens.revoke(team, row_number(request.POST["revoke"]) or 0, now):
            audit.note(request, team, Change.What.ACCESS_TOKEN_REVOKED, f"{token.name} {token.prefix}…", now)
            messages.success(request, _("Revoked. Scripts that use it get 401 from now on."))
        return redirect("jobs:settings", team.slug)
    form = AccessTokenForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the access token a name, and choose how long it works."))
        return redirect("jobs:settings", team.slug)
    name = form.cleaned_data["name"]
    try:
        made = access_tokens.make(team, name, form.cleaned_data["days"], request.user, now)
    except access_tokens.TooMany:
        messages.error(request, _("The team has too many access tokens. Revoke one first."))
        return redirect("jobs:settings", team.slug)
    audit.note(request, team, Change.What.ACCESS_TOKEN_MADE, f"{name} {made.reveal()[: access_tokens.SHOWN]}…", now)
    return render(request, "teams/access_token.html", {"team": team, "name": name, "secret": made.reveal()})


def _ask_to_revoke(request: Request, team: Team) -> HttpResponseBase:
    key = row_number(request.POST["revoke"]) or 0
    token = access_tokens.of_team(team, clock.now()).filter(pk=key).first()
    if token is None:
        return redirect("jobs:settings", team.slug)
    question = Question(
        _("Revoke this access token?"),
        _("Scripts that use it get 401 from then on. It cannot be brought back; you can make another."),
        _("Revoke the access token"),
        {"revoke": str(key)},
        about=f"{token.name} {token.prefix}…",
    )
    return ask(request, team, question)
