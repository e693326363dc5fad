"""Invitations: a manager creates a link; a person signs in or creates an account and joins the team."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from jobs.forms.settings import AccountForm, InvitationForm
from jobs.http import Request, row_number
from jobs.models import Change, Invitation, Team
from jobs.teams import audit, invitations
from jobs.views.confirmation import Question, ask, is_confirmed
from jobs.views.reauthentication import reauthenticated_manager_required


@require_POST
@reauthenticated_manager_required
def invite(request: Request, team: Team) -> HttpResponseBase:
    """Shows the link once; with `withdraw`, cancels an invitation."""
    now = timezone.now()
    if "withdraw" in request.POST:
        withdrawn = team.invitations.filter(pk=row_number(request.POST["withdraw"]) or 0).first()
        if withdrawn and not is_confirmed(request):
            return _ask_to_withdraw(request, team, withdrawn)
        if withdrawn:
            withdrawn.delete()
            audit.note(request, team, Change.What.INVITATION_WITHDRAWN, withdrawn.email, now)
            messages.success(request, _("The invitation is withdrawn; its link no longer works."))
        return redirect("jobs:settings", team.slug)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return render(request, "teams/invite.html", {"team": team, "form": form}, status=200)
    email, role = form.cleaned_data["email"], form.cleaned_data["role"]
    secret = invitations.invite(team, email, role, request.user, now)
    audit.note(request, team, Change.What.INVITED, f"{email}: {role}", now)
    return render(request, "teams/invited.html", {"team": team, "email": email, "secret": secret.reveal()})


def _ask_to_withdraw(request: Request, team: Team, invitation: Invitation) -> HttpResponseBase:
    question = Question(
        _("Withdraw this invitation?"),
        _("Its link stops working at once. To let them in after all, invite them again and send the new link."),
        _("Withdraw the invitation"),
        {"withdraw": str(invitation.pk)},
        about=invitation.email,
    )
    return ask(request, team, question)


@login_not_required
@sensitive_post_parameters()
@sensitive_variables()
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: Request, secret: str) -> HttpResponseBase:
    invitation = invitations.find(secret, timezone.now())
    if invitation is None:
        return _over(request)
    try:
        return _answer(request, invitation)
    except Http404:
        return _over(request)


@sensitive_variables()
def _answer(request: Request, invitation: Invitation) -> HttpResponseBase:
    """Raises Http404 if somebody else used the link meanwhile."""
    if bool(request.user.is_authenticated):
        return _join(request, invitation, request.user) if request.method == "POST" else _page(request, invitation)
    if settings.SOCIALACCOUNT_ONLY:  # only the provider signs people in: there are no passwords
        return _page(request, invitation, AccountForm())
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _join_new(request, invitation, form)
        except (IntegrityError, ValidationError):  # the name was taken at the same moment
            form.add_error("username", _("A user with that username already exists."))
    return _page(request, invitation, form)


def _page(request: Request, invitation: Invitation, form: AccountForm | None = None) -> HttpResponseBase:
    context = {"invitation": invitation, "form": form, "sso_only": settings.SOCIALACCOUNT_ONLY}
    return render(request, "teams/invitation.html", context)


def _over(request: Request) -> HttpResponseBase:
    """The page of an invalid link. It is always the same, so that it does not reveal which links were once valid."""
    return render(request, "teams/invitation_over.html", status=404)


@transaction.atomic
def _join_new(request: Request, invitation: Invitation, form: AccountForm) -> HttpResponseBase:
    """Creates account and membership in one transaction, so that a link creates only one account."""
    user = form.save(commit=False)
    user.email = invitation.email
    user.save()
    return _join(request, invitation, user)


def _join(request: Request, invitation: Invitation, user: User) -> HttpResponseBase:
    if not invitations.accept(invitation, user):
        raise Http404  # undoes the account, too
    if user != request.user:
        login(request, user)
    audit.note(request, invitation.team, Change.What.INVITATION_ACCEPTED, invitation.email, timezone.now())
    return redirect(invitation.team)
