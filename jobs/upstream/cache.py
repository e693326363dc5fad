"""A cache of API responses shared by a team, encrypted like all stored upstream data."""

from collections.abc import Callable
from contextlib import suppress

from django.core.cache import cache

from jobs import encryption
from jobs.models import Team


def cached(team: Team, name: str, seconds: int, fetch: Callable[[], bytes]) -> bytes:
    """The result of `fetch`, at most this old, for this team and its current API key. Raises what `fetch` raises."""
    place = f"{name}:{team.pk}:{team.token.pk if team.token else 0}"
    sealed: bytes | None = cache.get(place)
    if sealed is not None:
        with suppress(encryption.Unreadable):  # its encryption key was removed: fetch again
            return encryption.unseal_bytes(sealed, place)
    answer = fetch()
    cache.set(place, encryption.seal_bytes(answer, place), seconds)
    return answer
