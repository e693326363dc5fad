"""Opens views to scripts: access tokens and rate limits. The views are marked, such as those of `job_json`."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from jobs import clock
from jobs.http import client_address
from jobs.lookup import rate_limit
from jobs.teams import access_tokens
from jobs.teams.access import access_token_of

View = TypeVar("View", bound=Callable[..., Any])


def open_to_scripts(view: View) -> View:
    """Marks a view that also accepts an access token. `team_for` then returns the token's team."""

    @wraps(view)
    def respond(request: HttpRequest, *args: Any, **given: Any) -> Any:
        if token := access_token_of(request):
            rate_limit.spend_on_script(token)
        return view(request, *args, **given)

    respond.open_to_scripts = True  # type: ignore[attr-defined]
    return cast("View", respond)


def is_open(view: Callable[..., Any]) -> bool:
    return getattr(view, "open_to_scripts", False)


def presents_token(request: HttpRequest) -> bool:
    """Whether a bearer token is sent. A proxy in front may pass on its own password, in another scheme."""
    return _shown(request) is not None


@sensitive_variables()
def authenticate(request: HttpRequest) -> bool:
    """Whether the request has a valid token. A session is then ignored.

    Raises TooMany for a network address that sends many invalid ones.
    """
    shown = _shown(request)
    token = access_tokens.find(shown, clock.now()) if shown else None
    if token is None:
        rate_limit.spend_on_refusal(client_address(request))
        return False
    request.user = AnonymousUser()
    request.access_token = token  # type: ignore[attr-defined]
    return True


@sensitive_variables()
def _shown(request: HttpRequest) -> str | None:
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    return shown.strip() if scheme.lower() == "bearer" else None
