"""Requires recent authentication for keys, members and secrets, so that a stolen session is not enough."""

import time
from collections.abc import Callable
from functools import wraps
from urllib.parse import quote

from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.conf import settings
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from jobs.http import Request
from jobs.models import Team
from jobs.teams.access import managed_team_for

View = Callable[[Request, Team], HttpResponseBase]


def reauthenticated_manager_required(view: View) -> Callable[[Request, str], HttpResponseBase]:
    """Passes the team to the view if this person manages it and has authenticated recently.

    Otherwise it asks for reauthentication, after which the form must be submitted again. allauth's own decorator would
    store the posted data in the session unencrypted.
    """

    @wraps(view)
    def respond(request: Request, slug: str) -> HttpResponseBase:
        team = managed_team_for(request, slug)
        if is_recent(request):
            return view(request, team)
        return ask_for_proof(request, back=reverse("jobs:settings", args=[slug]))

    return respond


def ask_for_proof(request: Request, back: str) -> HttpResponseBase:
    """Redirects to reauthentication, and from there to `back`."""
    messages.info(request, _("Confirm your identity, then try again."))
    # People with single sign-on may have neither password nor second factor here, and sign in again instead.
    is_asked_here = get_reauthentication_flows(request.user) and not settings.SOCIALACCOUNT_ONLY
    proof = "account_reauthenticate" if is_asked_here else "account_logout"
    return redirect(f"{reverse(proof)}?next={quote(back)}")


def is_recent(request: Request) -> bool:
    """Whether this person authenticated within the last half hour."""
    return _age(request) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def _age(request: Request) -> float:
    """Seconds since this person last authenticated."""
    moments = [method.get("at", 0) for method in request.session.get("account_authentication_methods", [])]
    return time.time() - max(moments, default=0)
