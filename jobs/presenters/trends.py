"""Weekly failures, as a chart and a table."""

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from jobs import formatting
from jobs.failures.charts import Chart, chart
from jobs.failures.trends import CauseTrend, Trends, Week

TALL = 72
BAR = 64  # pixels per week


@dataclass(frozen=True, slots=True)
class WeekRow:
    begin: date
    label: str
    short: str
    failed: int
    share: str  # "40%", or "" without failures
    to_success: str
    is_whole: bool


@dataclass(frozen=True, slots=True)
class CauseRow:
    title: str
    counts: tuple[int, ...]
    total: int
    chart: Chart


@dataclass(frozen=True, slots=True)
class Page:
    weeks: tuple[WeekRow, ...]  # oldest first
    causes: tuple[CauseRow, ...]
    chart: Chart
    zone: str

    @property
    def drawn_width(self) -> int:
        return BAR * len(self.weeks)

    @property
    def is_partial(self) -> bool:
        return not all(week.is_whole for week in self.weeks)


def page(found: Trends, titles: dict[str, str], zone: ZoneInfo) -> Page:
    """`titles`: titles of the causes in the reader's language."""
    highest = max((max(each.counts) for each in found.causes), default=0)
    return Page(
        weeks=tuple(_week(week) for week in found.weeks),
        causes=tuple(_cause(each, titles, highest) for each in found.causes),
        chart=chart([week.failed for week in found.weeks], TALL),
        zone=str(zone),
    )


def _week(week: Week) -> WeekRow:
    return WeekRow(
        begin=week.begin,
        label=f"{formatting.day(week.begin)} – {formatting.day(week.begin + timedelta(days=6))}",
        short=formatting.day(week.begin),
        failed=week.failed,
        share=formatting.percent(f"{week.share}%") if week.share is not None else "",
        to_success=formatting.duration(week.to_success),
        is_whole=week.is_whole,
    )


def _cause(each: CauseTrend, titles: dict[str, str], highest: int) -> CauseRow:
    title = titles.get(each.cause, each.cause) if each.cause else _("All others")
    return CauseRow(title, each.counts, each.total, chart(each.counts, top=highest))
