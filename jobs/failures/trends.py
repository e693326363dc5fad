"""Failures by week and cause, how many needed a person, and the time to success. No database here."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from jobs.diagnosis.advice import Move

WEEKS = 13
LISTED = 8  # causes with their own row
# Moves that need a person; all others do not.
BY_HAND = {Move.REMIND, Move.REPAIR, Move.CORRECT, Move.ASK_FIRST, Move.ASK_SUPPORT, Move.RUN_LATER}


@dataclass(frozen=True, slots=True)
class Seen:
    cause: str
    at: datetime
    move: str
    count: int


@dataclass(frozen=True, slots=True)
class Week:
    begin: date  # a Monday
    failed: int
    by_hand: int  # of those, how many needed a person
    to_success: timedelta | None  # the median time from a job's start to its success
    is_whole: bool  # the week is over, and records go back to its start

    @property
    def share(self) -> int | None:
        """The percentage of failures that needed a person; None without failures."""
        return round(100 * self.by_hand / self.failed) if self.failed else None


@dataclass(frozen=True, slots=True)
class CauseTrend:
    cause: str  # "" for all others together
    counts: tuple[int, ...]  # by week, oldest first

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Trends:
    weeks: tuple[Week, ...] = ()
    causes: tuple[CauseTrend, ...] = ()


def mondays(since: datetime, now: datetime, zone: ZoneInfo) -> list[date]:
    """The Mondays of the weeks from that time to now, at most the last WEEKS."""
    last = monday(now, zone)
    first = max(monday(since, zone), last - timedelta(weeks=WEEKS - 1))
    return [first + timedelta(weeks=number) for number in range((last - first).days // 7 + 1)]


def monday(at: datetime, zone: ZoneInfo) -> date:
    """The first day of the week, in this zone."""
    day = at.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def begin(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def trends(
    weeks: list[date],
    seen: Iterable[Seen],
    medians: Mapping[date, timedelta],
    zone: ZoneInfo,
    since: datetime,
    now: datetime,
) -> Trends:
    failed: Counter[date] = Counter()
    by_hand: Counter[date] = Counter()
    by_cause: dict[str, Counter[date]] = defaultdict(Counter)
    known = set(weeks)
    for each in seen:
        week = monday(each.at, zone)
        if week not in known:
            continue
        failed[week] += each.count
        by_cause[each.cause][week] += each.count
        if each.move in BY_HAND:
            by_hand[week] += each.count
    drawn = tuple(
        Week(week, failed[week], by_hand[week], medians.get(week), _is_whole(week, zone, since, now)) for week in weeks
    )
    return Trends(drawn, _causes(weeks, by_cause))


def _causes(weeks: list[date], by_cause: Mapping[str, Counter[date]]) -> tuple[CauseTrend, ...]:
    ranked = sorted(by_cause, key=lambda cause: (-by_cause[cause].total(), cause))
    rows = [CauseTrend(cause, tuple(by_cause[cause][week] for week in weeks)) for cause in ranked[:LISTED]]
    rest: Counter[date] = Counter()
    for cause in ranked[LISTED:]:
        rest.update(by_cause[cause])
    if rest:
        rows.append(CauseTrend("", tuple(rest[week] for week in weeks)))
    return tuple(rows)


def _is_whole(week: date, zone: ZoneInfo, since: datetime, now: datetime) -> bool:
    return since <= begin(week, zone) and begin(week + timedelta(weeks=1), zone) <= now
