"""A circuit breaker for the API, shared by all processes through one row.

After FAILURES consecutive attempts without a response, requests are blocked for PAUSE. Then one trial request is
allowed, and its response closes the breaker.
"""

from datetime import datetime, timedelta

from django.db.models import F, Q

from jobs.models import Origin

FAILURES = 8
PAUSE = timedelta(seconds=10)


def may_ask(url: str, now: datetime) -> bool:
    """Whether a request may be sent; while the breaker is open, this uses up the trial request."""
    origin = Origin.objects.filter(url=url).first()
    if origin is None or origin.failures < FAILURES:
        return True
    is_over = Q(open_until__isnull=True) | Q(open_until__lte=now)
    is_of_another_clock = Q(open_until__gt=now + 2 * PAUSE)  # the clock has been set back since
    probe = Origin.objects.filter(is_over | is_of_another_clock, url=url)
    return bool(probe.update(open_until=now + PAUSE))  # only one process gets the trial request


def is_open(url: str, now: datetime) -> bool:
    """Whether requests are blocked; unlike `may_ask`, it does not use up the trial request."""
    origin = Origin.objects.filter(url=url, failures__gte=FAILURES).first()
    if origin is None or origin.open_until is None:
        return False
    return now < origin.open_until <= now + 2 * PAUSE


def failed(url: str, now: datetime) -> None:
    Origin.objects.get_or_create(url=url)
    Origin.objects.filter(url=url).update(failures=F("failures") + 1, open_until=now + PAUSE)


def answered(url: str) -> bool:
    """Counts a response. Returns whether it closes the breaker."""
    origin = Origin.objects.filter(url=url, failures__gt=0).first()  # reading takes no write lock
    if origin is None:
        return False
    Origin.objects.filter(pk=origin.pk).update(failures=0, open_until=None)
    return origin.failures >= FAILURES
