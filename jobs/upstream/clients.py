"""The API client of a team."""

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from jobs import clock, encryption
from jobs.encryption import Secret
from jobs.invopop.client import Client
from jobs.invopop.errors import APIError, Refused, Throttled
from jobs.models import Team


@sensitive_variables()
def client_for(team: Team) -> Client:
    """Raises invopop.errors.APIError if the team's API key is missing, undecryptable, refused or throttled."""
    token = team.token
    if token is None:
        raise Refused("no token")
    if token.refused_at is not None:
        raise Refused("token refused before")
    if token.throttled_until is not None and token.is_throttled(clock.now()):
        raise Throttled("asked to slow down", token.throttled_until)
    try:
        return Client(settings.INVOPOP_API_URL, Secret(token.reveal()))
    except encryption.Unreadable:
        raise APIError("token unreadable") from None
