"""The cache of API responses: encrypted, for a limited time, and for the team's current API key."""

import pytest
from django.core.cache import cache

from jobs.encryption import Secret
from jobs.models import Team
from jobs.teams import api_tokens
from jobs.upstream.cache import ahead, cached


class Api:
    """Counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> bytes:
        self.asked += 1
        return b"answer %d" % self.asked


def test_a_response_is_fetched_once_and_cached(team: Team) -> None:
    api = Api()
    assert [cached(team, "names", 60, api) for _ in range(3)] == [b"answer 1"] * 3
    assert cached(team, "others", 60, api) == b"answer 2"


def test_each_team_has_its_own_cache(team: Team, stage: object) -> None:
    api = Api()
    cached(team, "names", 60, api)
    assert cached(Team.objects.exclude(pk=team.pk).get(), "names", 60, api) == b"answer 2"


def test_each_api_key_has_its_own_cache(team: Team) -> None:
    api = Api()
    cached(team, "names", 60, api)
    api_tokens.put_in_use(team, Secret("another"), None)
    assert cached(Team.objects.get(pk=team.pk), "names", 60, api) == b"answer 2"


def test_cached_data_is_encrypted(team: Team) -> None:
    cached(team, "names", 60, lambda: b"Talleres Sol")
    place = f"names:{team.pk}:{team.token.pk if team.token else 0}"
    assert b"Talleres" not in cache.get(place)


def test_an_undecryptable_entry_is_fetched_again(team: Team) -> None:
    api = Api()
    cached(team, "names", 60, api)
    place = f"names:{team.pk}:{team.token.pk if team.token else 0}"
    cache.set(place, cache.get(place)[:-4] + b"0000", 60)
    assert cached(team, "names", 60, api) == b"answer 2"


def test_a_failure_is_not_cached(team: Team) -> None:
    def fail() -> bytes:
        raise LookupError

    with pytest.raises(LookupError):
        cached(team, "names", 60, fail)
    assert cached(team, "names", 60, Api()) == b"answer 1"


def test_several_answers_are_looked_for_at_once(team: Team) -> None:
    api = Api()
    cached(team, "names", 60, api)
    found = ahead(team, "names", "list")
    cache.clear()
    assert cached(team, "names", 60, api, found) == b"answer 1"
    assert cached(team, "list", 60, api, found) == b"answer 2"  # looked for, and not there
    assert cached(team, "list", 60, api) == cached(team, "list", 60, api, ahead(team, "names")) == b"answer 2"
