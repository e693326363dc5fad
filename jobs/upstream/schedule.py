"""Polling intervals, in one table on the server. The page obeys `data-poll-ms`, the engine `next_look`."""

from datetime import datetime, timedelta

from jobs.diagnosis.outcome import Conclusion, Outcome

SOON = timedelta(milliseconds=700)  # for a page while an answer is on its way
PAGE_AT_MOST = timedelta(seconds=30)  # a page looks at our copy at least this often, however rarely the API is asked

# Seconds without change -> seconds until the next look. Most workflows are done within one; others take their time.
PACE = ((10, 1), (30, 2), (60, 3), (180, 5), (600, 10), (1800, 20), (7200, 30))
SLOWEST = 60
# A job that waits for somebody: every minute; after an hour without change every two, after a day every five.
WAITING_PACE = ((60, 15), (3_600, 60), (86_400, 120))
WAITING_SLOWEST = 300
BACK_OFF = (2, 4, 8, 16, 30)  # seconds after 1, 2, 3 … failures in a row; the caller adds jitter


def next_look(conclusion: Conclusion, quiet: timedelta, now: datetime) -> timedelta | None:
    """When to request again. `quiet`: the time without changes. None for a finished job."""
    if not conclusion.is_open:
        return None
    seconds = quiet.total_seconds()
    if conclusion.outcome == Outcome.RETRYING:
        return _until_next_try(conclusion, now) or timedelta(seconds=_step(PACE, seconds, SLOWEST))
    if conclusion.outcome == Outcome.WAITING:
        return timedelta(seconds=_step(WAITING_PACE, seconds, WAITING_SLOWEST))
    return timedelta(seconds=_step(PACE, seconds, SLOWEST))


def back_off(failures: int) -> timedelta:
    """After this many consecutive failures, counted from 1."""
    return timedelta(seconds=BACK_OFF[min(max(failures, 1), len(BACK_OFF)) - 1])


def page_interval(until_due: timedelta) -> timedelta:
    """When a page should poll: just after the API is due to be requested."""
    return min(max(until_due + timedelta(milliseconds=250), SOON), PAGE_AT_MOST)


def _until_next_try(conclusion: Conclusion, now: datetime) -> timedelta | None:
    """The estimate may be wrong: at most a minute; None once it has passed, then the usual pace applies."""
    window = conclusion.waiting.next_try if conclusion.waiting else None
    if window is None or window[0] <= now:
        return None
    return min(max(window[0] - now + timedelta(seconds=1), timedelta(seconds=2)), timedelta(minutes=1))


def _step(table: tuple[tuple[int, int], ...], seconds: float, last: int) -> int:
    return next((interval for until, interval in table if seconds < until), last)
