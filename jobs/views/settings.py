"""A team's settings, for its managers: the token, the members, the webhook's secret."""

import time

from django.conf import settings as django_settings
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from jobs import encryption, members, tokens
from jobs.access import managed_team_for
from jobs.encryption import Secret
from jobs.forms import MemberForm, TokenForm
from jobs.http import Request
from jobs.invopop.errors import APIError
from jobs.models import Team, Token


@require_safe
def settings(request: Request, slug: str) -> HttpResponse:
    return _page(request, managed_team_for(request, slug), TokenForm(), MemberForm())


@require_POST
@sensitive_post_parameters()
@sensitive_variables()
def token(request: Request, slug: str) -> HttpResponseBase:
    """Puts a new token in use once the API has said whose it is; with `revoke`, takes the present one out of use."""
    team = managed_team_for(request, slug)
    if not _signed_in_recently(request):
        messages.info(request, _("Confirm who you are, then paste the key again."))
        return redirect(f"{reverse('account_reauthenticate')}?next={reverse('jobs:settings', args=[slug])}")
    return _revoke(request, team) if "revoke" in request.POST else _replace(request, team)


@require_POST
def member(request: Request, slug: str) -> HttpResponseBase:
    """Adds a person or changes a role; with `remove`, takes one out."""
    team, form = managed_team_for(request, slug), MemberForm(request.POST)
    try:
        if request.POST.get("remove", "").isdecimal():
            members.leave(team, int(request.POST["remove"]))
        elif form.is_valid():
            members.join(team, form.cleaned_data["person"], form.cleaned_data["role"])
        else:
            return _page(request, team, TokenForm(), form)
    except members.LastManager:
        messages.error(request, _("A team needs a manager. Make somebody else one first."))
    return redirect("jobs:settings", slug)


@sensitive_variables()
def _replace(request: Request, team: Team) -> HttpResponseBase:
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, team, form, MemberForm())
    secret: Secret = form.cleaned_data["token"]
    try:
        found = tokens.workspace(secret)
    except APIError as error:
        form.add_error(
            "token", _("The API did not accept it (%(reason)s). Nothing was changed.") % {"reason": error.reason}
        )
        return _page(request, team, form, MemberForm())
    before = Token.objects.filter(team=team).exclude(workspace_id="").order_by("-set_at").first()
    if before and before.workspace_id != found.id and not form.cleaned_data["other_workspace"]:
        names = {"new": found.name, "old": before.workspace_name}
        form.add_error(
            "token", _("This key opens %(new)s; the one before opened %(old)s. Confirm, and paste it again.") % names
        )
        return _page(request, team, form, MemberForm(), ask_workspace=True)
    tokens.put_in_use(team, secret, found, by=request.user)
    messages.success(request, _("The new key is in use."))
    return redirect("jobs:settings", team.slug)


def _revoke(request: Request, team: Team) -> HttpResponseBase:
    tokens.revoke(team)
    messages.success(request, _("The key is no longer used. Revoke it in the Invopop console as well."))
    return redirect("jobs:settings", team.slug)


def _signed_in_recently(request: Request) -> bool:
    """allauth's own decorator would keep what was posted in the session, in clear: a token must not lie there."""
    moments = [method.get("at", 0) for method in request.session.get("account_authentication_methods", [])]
    return bool(moments) and time.time() - max(moments) < django_settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def _page(request: Request, team: Team, form: TokenForm, member_form: MemberForm, **more: bool) -> HttpResponse:
    context = {
        "team": team,
        "token": team.token,
        "token_trouble": _trouble(team),
        "token_form": form,
        "member_form": member_form,
        "memberships": team.memberships.select_related("user").order_by("user__username"),
    }
    return render(request, "teams/settings.html", context | more)


def _trouble(team: Team) -> str:
    """One word for what is wrong with the token in use; "" for nothing."""
    token = Token.objects.filter(team=team, in_use=True).defer(None).first()
    if token is None:
        return "none"
    try:
        token.reveal()
    except encryption.Unreadable:
        return "unreadable"
    return "refused" if token.refused_at else tokens.warning(token)
