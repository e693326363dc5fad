"""Which time a page is about: today, the last day, week or month, or any other; and how it is cut into bars."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LENGTHS = {"24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY}
TODAY, OWN = "today", "own"
NAMES = (TODAY, *LENGTHS, OWN)
SOON = timedelta(minutes=5)  # what has just been written down belongs to it, by whichever clock
LONGEST = 400 * DAY
WIDTHS = (HOUR, 3 * HOUR, 6 * HOUR, DAY, 7 * DAY)
MOST_BARS = 60
ZONE_NAME = 60  # characters


@dataclass(frozen=True, slots=True)
class Span:
    """From `begin` on, before `end`, both aware and in UTC. `last` is where its bars end: a day that is not over has
    room for the rest of it."""

    name: str
    begin: datetime
    end: datetime
    last: datetime
    zone: ZoneInfo

    @property
    def bar(self) -> timedelta:
        """The length of one bar: an hour, or the shortest that gives few enough bars."""
        length = self.last - self.begin
        return next((width for width in WIDTHS if length <= MOST_BARS * width), WIDTHS[-1])

    @property
    def bars(self) -> int:
        return max(1, -((self.begin - self.last) // self.bar))

    def place(self, at: datetime) -> int:
        """The bar of a time; times out of range go to the first or last."""
        return min(max((at - self.begin) // self.bar, 0), self.bars - 1)


def zone(name: str) -> ZoneInfo:
    """UTC for an unknown zone."""
    return known_zone(name) or ZoneInfo("UTC")


def known_zone(name: str) -> ZoneInfo | None:
    if not name or len(name) > ZONE_NAME or not name.isascii():
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def span(name: str, now: datetime, where: ZoneInfo, begin: datetime | None = None, end: datetime | None = None) -> Span:
    """`begin` and `end` count for the range of one's own; either may be missing. The others begin with a whole hour or
    a whole day, as their bars do."""
    now = now.astimezone(UTC)
    if name == OWN:
        last = (end or now).astimezone(UTC)
        first = (begin or last - DAY).astimezone(UTC)
        return Span(OWN, max(first, last - LONGEST), last, last, where)
    if name == "24h":
        hour = now.replace(minute=0, second=0, microsecond=0)
        return Span(name, hour - DAY, now + SOON, hour + HOUR, where)
    today = _midnight(now.astimezone(where))
    first = _midnight((now - LENGTHS[name]).astimezone(where)) if name in LENGTHS else today
    return Span(
        name if name in LENGTHS else TODAY, first, now + SOON, _midnight((today + 1.25 * DAY).astimezone(where)), where
    )


def _midnight(local: datetime) -> datetime:
    """The start of that day by the local clock; days of 23 and 25 hours have theirs."""
    return local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).astimezone(UTC)
