"""A cache of API responses shared by a team, encrypted like all stored upstream data."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from types import MappingProxyType

from django.core.cache import cache

from jobs import encryption
from jobs.models import Team

Ahead = Mapping[str, bytes | None]  # responses read from the cache together; None if not cached
NOTHING: Ahead = MappingProxyType({})


def ahead(team: Team, *names: str) -> Ahead:
    """The cached responses for several calls of `cached`, in one query."""
    places = [_place(team, name) for name in names]
    return dict.fromkeys(places) | cache.get_many(places)


def cached(team: Team, name: str, seconds: int, fetch: Callable[[], bytes], ahead: Ahead = NOTHING) -> bytes:
    """The result of `fetch`, at most this old, for this team and its current API key. Raises what `fetch` raises."""
    place = _place(team, name)
    sealed: bytes | None = ahead[place] if place in ahead else cache.get(place)
    if sealed is not None:
        with suppress(encryption.Unreadable):  # its encryption key was removed: fetch again
            return encryption.unseal_bytes(sealed, place)
    answer = fetch()
    cache.set(place, encryption.seal_bytes(answer, place), seconds)
    return answer


def _place(team: Team, name: str) -> str:
    return f"{name}:{team.pk}:{team.token.pk if team.token else 0}"
