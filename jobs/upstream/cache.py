"""Answers of the API that all of a team share for a while: sealed in the cache, as everything from upstream is."""

from collections.abc import Callable
from contextlib import suppress

from django.core.cache import cache

from jobs import encryption
from jobs.models import Team


def cached(team: Team, name: str, seconds: int, fetch: Callable[[], bytes]) -> bytes:
    """What `fetch` answered at most so long ago, for this team and its present token. Raises what `fetch` raises."""
    place = f"{name}:{team.pk}:{team.token.pk if team.token else 0}"
    sealed: bytes | None = cache.get(place)
    if sealed is not None:
        with suppress(encryption.Unreadable):  # under a key that has been taken away: asked again
            return encryption.unseal_bytes(sealed, place)
    answer = fetch()
    cache.set(place, encryption.seal_bytes(answer, place), seconds)
    return answer
