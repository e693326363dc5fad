"""How many jobs that nobody here has seen one person may ask for in a minute: whoever guesses ids gets nowhere."""

import logging
import time

from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache

log = logging.getLogger("jobs.limits")
MINUTE = 60  # seconds


class TooMany(Exception):
    """`wait` seconds until it may be tried again."""

    def __init__(self, wait: int) -> None:
        super().__init__(wait)
        self.wait = wait


def spend(user: User) -> None:
    """Counts one look at an unknown job. Raises TooMany."""
    if not settings.LOOK_UPS_A_MINUTE:
        return
    minute, passed = divmod(int(time.time()), MINUTE)
    key = f"look-ups:{user.pk}:{minute}"
    cache.add(key, 0, 2 * MINUTE)
    if cache.incr(key) > settings.LOOK_UPS_A_MINUTE:
        log.warning("user %s asked for more than %s unknown jobs in a minute", user.pk, settings.LOOK_UPS_A_MINUTE)
        raise TooMany(MINUTE - passed)
