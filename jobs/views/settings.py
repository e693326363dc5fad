"""A team's settings, for managers: API key, members, policy, webhook secret."""

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from jobs import clock, encryption
from jobs.encryption import Secret
from jobs.forms.settings import AccessTokenForm, InvitationForm, MemberForm, ProtectionForm, SweepForm, TokenForm
from jobs.http import Request, row_number
from jobs.invopop.errors import APIError
from jobs.models import Change, Membership, Team, Token, Work
from jobs.records import sweep
from jobs.teams import access_tokens, api_tokens, audit, members, policy
from jobs.teams.access import managed_team_for, with_second_factors
from jobs.views.confirmation import Question, ask, is_confirmed
from jobs.views.reauthentication import reauthenticated_manager_required


@require_safe
def settings(request: Request, slug: str) -> HttpResponse:
    return _page(request, managed_team_for(request, slug))


@require_POST
@sensitive_post_parameters()
@sensitive_variables()
@reauthenticated_manager_required
def token(request: Request, team: Team) -> HttpResponseBase:
    """Activates a new API key after the API has stated its workspace; with `revoke`, deactivates the current one."""
    return _revoke(request, team) if "revoke" in request.POST else _replace(request, team)


@require_POST
@reauthenticated_manager_required
def member(request: Request, team: Team) -> HttpResponseBase:
    """Adds a person or changes a role; with `remove`, removes one."""
    form = MemberForm(request.POST)
    if "remove" in request.POST and not is_confirmed(request):
        return _ask_to_remove(request, team, row_number(request.POST["remove"]) or 0)
    try:
        if "remove" in request.POST:
            gone = members.leave(team, row_number(request.POST["remove"]) or 0)
            if gone:
                audit.note(request, team, Change.What.MEMBER_REMOVED, gone, timezone.now())
                messages.success(request, _("%(name)s is no longer in the team.") % {"name": gone})
        elif form.is_valid():
            person, role = form.cleaned_data["person"], form.cleaned_data["role"]
            members.join(team, person, role)
            name = person.get_username()
            audit.note(request, team, Change.What.MEMBER_SET, f"{name}: {role}", timezone.now())
            done = {"name": name, "role": Membership.Role(role).label}
            messages.success(request, _("%(name)s is in the team; role: %(role)s.") % done)
        else:
            return _page(request, team, member_form=form)
    except members.LastManager:
        messages.error(request, _("A team needs a manager. Make someone else a manager first."))
    if not team.memberships.filter(user=request.user, role=Membership.Role.MANAGER).exists():  # they changed themselves
        return redirect("jobs:home")
    return redirect("jobs:settings", team.slug)


@require_POST
@reauthenticated_manager_required
def protect(request: Request, team: Team) -> HttpResponseBase:
    """Saves whether members need a second factor, and how long copies are kept."""
    form = ProtectionForm(request.POST, instance=team, manager=request.user)
    if not form.is_valid():
        return _page(request, team, protection_form=form)
    policy.change(team, timezone.now())
    audit.note(request, team, Change.What.PROTECTION_SET, policy.summary(team), timezone.now())
    messages.success(request, _("Saved."))
    return redirect("jobs:settings", team.slug)


@sensitive_variables()
def _replace(request: Request, team: Team) -> HttpResponseBase:
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, team, token_form=form)
    secret: Secret = form.cleaned_data["token"]
    try:
        found = api_tokens.workspace(secret)
    except APIError as error:
        audit.note(request, team, Change.What.TOKEN_NOT_SET, error.reason, timezone.now())
        form.add_error(
            "token", _("The API did not accept it (%(reason)s). Nothing changed.") % {"reason": error.reason}
        )
        return _page(request, team, token_form=form)
    before = Token.objects.filter(team=team).exclude(workspace_id="").order_by("-set_at").first()
    if before and before.workspace_id != found.id and not form.cleaned_data["other_workspace"]:
        names = {"new": found.name, "old": before.workspace_name}
        form.add_error(
            "token",
            _("This API key opens %(new)s; the current one opens %(old)s. Confirm, and paste it again.") % names,
        )
        return _page(request, team, token_form=form, ask_workspace=True)
    used = api_tokens.put_in_use(team, secret, found, by=request.user)
    Work.objects.bring_forward("sweep", clock.now(), team)
    audit.note(request, team, Change.What.TOKEN_SET, f"{used.fingerprint} {used.workspace_name}", timezone.now())
    messages.success(request, _("The new API key is in use."))
    return redirect("jobs:settings", team.slug)


def _ask_to_remove(request: Request, team: Team, user_id: int) -> HttpResponseBase:
    membership = team.memberships.filter(user_id=user_id).select_related("user").first()
    if membership is None:
        return redirect("jobs:settings", team.slug)
    consequence = _(
        "They lose access to this team and its jobs at once, and the access tokens that they made stop working. Their"
        " account stays; you can add them again."
    )
    if membership.user_id == request.user.pk:
        consequence = _("This is you: you lose access to this team and its settings at once.")
    name = membership.user.get_username()
    question = Question(
        _("Remove this member?"), consequence, _("Remove the member"), {"remove": str(user_id)}, about=name
    )
    return ask(request, team, question)


def _ask_to_revoke(request: Request, team: Team) -> HttpResponseBase:
    consequence = _(
        "Nobody in this team can look up jobs until a new API key is set. Copies of jobs made with this key are"
        " deleted."
    )
    question = Question(
        _("Stop using this API key?"),
        consequence,
        _("Stop using this API key"),
        {"revoke": "1"},
        about=f"{team.token.workspace_name} · {team.token.fingerprint}" if team.token else "",
    )
    return ask(request, team, question)


def _revoke(request: Request, team: Team) -> HttpResponseBase:
    if not is_confirmed(request):
        return _ask_to_revoke(request, team)
    fingerprint = team.token.fingerprint if team.token else ""
    Token.objects.retire(team)
    audit.note(request, team, Change.What.TOKEN_REVOKED, fingerprint, timezone.now())
    messages.success(request, _("The API key is no longer used. Revoke it in the Invopop console as well."))
    return redirect("jobs:settings", team.slug)


def _page(request: Request, team: Team, **more: object) -> HttpResponse:
    """The page. `more`: forms with errors instead of empty ones."""
    memberships = team.memberships.select_related("user").order_by("user__username")
    context = {
        "team": team,
        "token": team.token,
        "token_trouble": _trouble(team),
        "token_form": TokenForm(),
        "member_form": MemberForm(),
        "protection_form": ProtectionForm(instance=team, manager=request.user),
        "sweep_form": SweepForm(instance=sweep.of(team)),
        "invitation_form": InvitationForm(),
        "access_tokens": access_tokens.of_team(team, timezone.now()),
        "access_token_form": AccessTokenForm(),
        "now": timezone.now(),
        "invitations": team.invitations.filter(expires_at__gt=timezone.now()).order_by("email"),
        "memberships": with_second_factors(memberships),
    }
    return render(request, "teams/settings.html", context | more)


def _trouble(team: Team) -> str:
    """A word for what is wrong with the active key, or ""."""
    token = Token.objects.filter(team=team, in_use=True).defer(None).first()
    if token is None:
        return "none"
    try:
        token.reveal()
    except encryption.Unreadable:
        return "unreadable"
    return "refused" if token.refused_at else api_tokens.warning(token)
