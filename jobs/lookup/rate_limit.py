"""Rate limits per person, team, script and network address, so that ids cannot be guessed."""

import logging
import time
from ipaddress import ip_network

from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache

from jobs.models import AccessToken, Team

log = logging.getLogger("jobs.lookup.rate_limit")
MINUTE = 60  # seconds
# Multiples of LOOK_UPS_A_MINUTE: an open list with a filter requests up to five pages every ten seconds.
LISTS_OF_PERSON, LISTS_OF_TEAM = 2, 10
REQUESTS_OF_TOKEN = 10  # a multiple too: all requests of a script, including those answered from our copies
REFUSED = 60  # invalid tokens per address and minute
TESTS = 10  # test messages of a team's channels per minute
Asker = User | AccessToken


class TooMany(Exception):
    """`wait`: seconds until the next attempt."""

    def __init__(self, wait: int) -> None:
        super().__init__(wait)
        self.wait = wait


def spend(who: Asker, jobs: int = 1) -> None:
    """Counts look-ups of unknown jobs, one for each in a paste. Raises TooMany."""
    _count(f"look-ups:{_key(who)}", jobs, settings.LOOK_UPS_A_MINUTE, f"{_named(who)} asked for unknown jobs")


def spend_on_script(token: AccessToken) -> None:
    """Counts one request of a script. Raises TooMany."""
    most = REQUESTS_OF_TOKEN * settings.LOOK_UPS_A_MINUTE
    _count(f"requests:{_key(token)}", 1, most, f"{_named(token)} asked")


def spend_on_refusal(address: str | None) -> None:
    """Counts one invalid token. Raises TooMany."""
    most = REFUSED if settings.LOOK_UPS_A_MINUTE else 0
    _count(f"refused-tokens:{_network(address)}", 1, most, "an address showed wrong tokens")


def spend_on_test(team: Team) -> None:
    """Counts one test message of a channel. Raises TooMany."""
    most = TESTS if settings.LOOK_UPS_A_MINUTE else 0
    _count(f"channel-tests:{team.pk}", 1, most, f"team {team.slug} tested channels")


def spend_on_list(who: Asker, team: Team) -> None:
    """Counts one request to the API for a page of a list: the number of possible pages is unlimited. Raises TooMany."""
    a_minute = settings.LOOK_UPS_A_MINUTE
    _count(f"lists:{_key(who)}", 1, LISTS_OF_PERSON * a_minute, f"{_named(who)} asked for pages of lists")
    _count(f"lists-of-team:{team.pk}", 1, LISTS_OF_TEAM * a_minute, f"team {team.slug} asked for pages of lists")


def _counted(key: str, spent: int, most: int) -> int:
    """The number counted in this minute, including `spent`.

    Once the limit is reached nothing is written: requests of a flood would wait for each other's writes.
    """
    used = cache.get(key)
    if used is None and cache.add(key, spent, 2 * MINUTE):
        return spent
    if used is not None and used >= most:
        return int(used + spent)
    try:
        return int(cache.incr(key, spent))
    except ValueError:  # the key was evicted since it was read
        return spent


def _network(address: str | None) -> str:
    """The address; for IPv6 its /64 network, since one client has all of it."""
    is_long = address is not None and ":" in address
    return str(ip_network(f"{address}/64", strict=False)) if is_long else str(address)


def _key(who: Asker) -> str:
    return f"token:{who.pk}" if isinstance(who, AccessToken) else str(who.pk)


def _named(who: Asker) -> str:
    return f"access token {who.pk}" if isinstance(who, AccessToken) else f"user {who.pk}"


def _count(name: str, spent: int, most: int, doing: str) -> None:
    if not most:
        return
    minute, passed = divmod(int(time.time()), MINUTE)
    key = f"{name}:{minute}"
    if _counted(key, spent, most) > most:
        log.warning("%s more than %s times in a minute", doing, most)
        raise TooMany(MINUTE - passed)
