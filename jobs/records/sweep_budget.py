"""The request budget of sweeps: at most SWEEP_A_MINUTE in any minute, over all processes.

A leaky bucket, stored as the time when it is empty again and moved by a conditional UPDATE.
"""

from datetime import datetime, timedelta

from django.conf import settings

from jobs.models import Sweep, Token

CAREFUL = timedelta(minutes=15)  # half the budget for this time after throttling
MINUTE = timedelta(minutes=1)


def may_spend(sweep: Sweep, token: Token, now: datetime) -> bool:
    """Takes one request from the budget, if any is left."""
    a_minute = budget(token, now)
    if a_minute < 1:
        return False
    interval, ahead = _pace(a_minute)
    paid = sweep.spent_until if sweep.spent_until and sweep.spent_until <= now + MINUTE else None
    if paid and paid > now + ahead:
        return False
    until = max(paid or now, now) + interval
    if not Sweep.objects.filter(pk=sweep.pk, spent_until=sweep.spent_until).update(spent_until=until):
        sweep.refresh_from_db(fields=["spent_until"])  # another process has spent meanwhile
        return False
    sweep.spent_until = until
    return True


def again_at(sweep: Sweep, token: Token, now: datetime) -> datetime:
    """When half the burst is available again."""
    interval, ahead = _pace(max(1, budget(token, now)))
    return max(now + interval, (sweep.spent_until or now) - ahead / 2)


def budget(token: Token, now: datetime) -> int:
    """Requests per minute."""
    throttled = token.throttled_until
    has_been_slowed = throttled is not None and throttled <= now < throttled + CAREFUL
    most: int = settings.SWEEP_A_MINUTE
    return max(1, most // 2) if has_been_slowed and most else most


def _pace(a_minute: int) -> tuple[timedelta, timedelta]:
    """The time between two requests, and the size of a burst, which together keep to the budget."""
    at_once = max(1, a_minute // 6)
    interval = MINUTE / max(1, a_minute - at_once if a_minute > 1 else 1)
    return interval, interval * (at_once - 1)
