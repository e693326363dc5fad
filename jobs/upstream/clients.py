"""The API client of a team."""

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from jobs import clock, encryption
from jobs.encryption import Secret
from jobs.invopop.client import LIMITS, Client, Limits
from jobs.invopop.errors import APIError, Refused, Throttled, Unavailable
from jobs.models import Team
from jobs.upstream import circuit_breaker


@sensitive_variables()
def client_for(team: Team, limits: Limits = LIMITS) -> Client:
    """Raises invopop.errors.APIError if the API does not respond to anybody, or the team's API key is missing,
    undecryptable, refused or throttled."""
    token = team.token
    if token is None:
        raise Refused("no token")
    if token.refused_at is not None:
        raise Refused("token refused before")
    if token.throttled_until is not None and token.is_throttled(clock.now()):
        raise Throttled("asked to slow down", token.throttled_until)
    if circuit_breaker.is_open(settings.INVOPOP_API_URL, clock.now()):
        raise Unavailable("api down")
    try:
        return Client(settings.INVOPOP_API_URL, Secret(token.reveal()), limits=limits)
    except encryption.Unreadable:
        raise APIError("token unreadable") from None
