"""The time range of a page: today, the last day, week or month, or any other; and its division into bars."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LENGTHS = {"24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY}
TODAY, OWN = "today", "own"
NAMES = (TODAY, *LENGTHS, OWN)
SOON = timedelta(minutes=5)  # tolerance for clocks that are ahead: a record written just now belongs to the range
LONGEST = 400 * DAY
WIDTHS = (HOUR, 3 * HOUR, 6 * HOUR, DAY, 7 * DAY)
MOST_BARS = 60
ZONE_NAME = 60  # characters


@dataclass(frozen=True, slots=True)
class Span:
    """From `begin` up to but excluding `end`, both aware and in UTC.

    `last`: the end of the bars, later than `end` for a day that is not over.
    """

    name: str
    begin: datetime
    end: datetime
    last: datetime
    zone: ZoneInfo

    @property
    def bar(self) -> timedelta:
        """The duration of a bar: an hour, or the shortest one that gives few enough bars."""
        length = self.last - self.begin
        return next((width for width in WIDTHS if length <= MOST_BARS * width), WIDTHS[-1])

    @property
    def bars(self) -> int:
        return max(1, -(-self._passed(self.last) // self.bar))

    def place(self, at: datetime) -> int:
        """The index of a time's bar; times outside the range belong to the first or last bar."""
        return min(max(self._passed(at) // self.bar, 0), self.bars - 1)

    def start(self, place: float) -> datetime:
        """When that bar begins. Bars of days begin at the same local time, also after a change of clocks."""
        if self.bar < DAY:
            return self.begin + place * self.bar
        return (self._local(self.begin) + place * self.bar).replace(tzinfo=self.zone).astimezone(UTC)

    def _passed(self, at: datetime) -> timedelta:
        """The time since the range began; for bars of days, by the local clock."""
        return at - self.begin if self.bar < DAY else self._local(at) - self._local(self.begin)

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone).replace(tzinfo=None)


def zone(name: str) -> ZoneInfo:
    """The time zone; UTC if unknown."""
    return known_zone(name) or ZoneInfo("UTC")


def known_zone(name: str) -> ZoneInfo | None:
    if not name or len(name) > ZONE_NAME or not name.isascii():
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def span(name: str, now: datetime, where: ZoneInfo, begin: datetime | None = None, end: datetime | None = None) -> Span:
    """The range of that name. `begin` and `end` are for a custom range, and either may be missing.

    Other ranges, like their bars, begin at a full hour or day.
    """
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
    """The start of that day in local time, also for days of 23 and 25 hours."""
    return local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).astimezone(UTC)
