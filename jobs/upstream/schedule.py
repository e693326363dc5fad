"""Polling intervals. Pages poll us at `data-poll-ms`; the API is requested at `next_look`."""

from datetime import datetime, timedelta

from jobs.diagnosis.outcome import Conclusion, Outcome

SOON = timedelta(milliseconds=700)  # of a page during a request to the API
PAGE_AT_MOST = timedelta(seconds=30)  # the longest interval of a page, however rarely the API is requested

# Seconds without change -> seconds until the next request. Most workflows finish within one second.
PACE = ((10, 1), (30, 2), (60, 3), (180, 5), (600, 10), (1800, 20), (7200, 30))
SLOWEST = 60
# The same for a job that waits for somebody.
WAITING_PACE = ((60, 15), (3_600, 60), (86_400, 120))
WAITING_SLOWEST = 300
TOO_MUCH_PAUSES = (300, 1_800, 7_200, 21_600)  # the same for a job that exceeds our limits
BACK_OFF = (2, 4, 8, 16, 30)  # seconds after 1, 2, 3 … consecutive failures; the caller adds jitter


def next_look(conclusion: Conclusion, quiet: timedelta, now: datetime) -> timedelta | None:
    """The time until a job is requested again; None if it is finished. `quiet`: the time without changes."""
    if not conclusion.is_open:
        return None
    seconds = quiet.total_seconds()
    if conclusion.outcome == Outcome.RETRYING:
        return _until_next_try(conclusion, now) or timedelta(seconds=_step(PACE, seconds, SLOWEST))
    if conclusion.outcome == Outcome.WAITING:
        return timedelta(seconds=_step(WAITING_PACE, seconds, WAITING_SLOWEST))
    return timedelta(seconds=_step(PACE, seconds, SLOWEST))


def back_off(failures: int, pauses: tuple[int, ...] = BACK_OFF) -> timedelta:
    """The pause after this many consecutive failures, counted from 1."""
    return timedelta(seconds=pauses[min(max(failures, 1), len(pauses)) - 1])


def page_interval(until_due: timedelta) -> timedelta:
    """The polling interval of a page: until just after the next request to the API is due."""
    return min(max(until_due + timedelta(milliseconds=250), SOON), PAGE_AT_MOST)


def _until_next_try(conclusion: Conclusion, now: datetime) -> timedelta | None:
    """The time until the step's estimated retry, at most a minute; None once it has passed."""
    window = conclusion.waiting.next_try if conclusion.waiting else None
    if window is None or window[0] <= now:
        return None
    return min(max(window[0] - now + timedelta(seconds=1), timedelta(seconds=2)), timedelta(minutes=1))


def _step(table: tuple[tuple[int, int], ...], seconds: float, last: int) -> int:
    return next((interval for until, interval in table if seconds < until), last)
