"""A time axis that shows milliseconds and weeks together.

The scale is linear if that shows the short steps. Otherwise long gaps without events are shortened, longer ones more,
and marked as breaks. Order is always kept; positions are percent of the width.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.utils.translation import gettext_lazy as _

from jobs import formatting
from jobs.presenters.labels import Label

MOST_KNOTS = 1_000
SHORT_STEPS_SHARE = 0.12  # the least share of the width for the shorter half of the steps
BREAK = 12  # a gap this many times longer than the longest one drawn to scale is a break
LEAST_EVEN = 0.02  # seconds
MARKS, TICKS = 12, 6
APART, APART_ON_A_PHONE = 15, 30  # the least distance of two labels, in percent
# Pixels: the narrowest axis with all labels, and with coarse ones only (job.css); a character; the gap between labels.
LEAST, LEAST_ON_A_PHONE, CHARACTER, BETWEEN = 450, 250, 6.5, 6
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    label: Label
    anchor: str  # SVG text-anchor
    is_fine: bool  # hidden on a narrow axis

    def touches(self, other: "Tick", pixels: int) -> bool:
        """Whether two labels touch on an axis of that many pixels."""
        (left, right), (other_left, other_right) = self.extent(pixels), other.extent(pixels)
        return left < other_right + BETWEEN and other_left < right + BETWEEN

    def extent(self, pixels: int) -> tuple[float, float]:
        width = CHARACTER * len(str(self.label))
        left = self.x / 100 * pixels - {"start": 0.0, "middle": width / 2, "end": width}[self.anchor]
        return left, left + width


@dataclass(frozen=True, slots=True)
class Break:
    x: float  # of its middle
    label: str  # the duration of the gap


class Axis:
    """A time axis; `place(at)` returns an instant's position in percent."""

    def __init__(self, instants: Iterable[datetime], spans: Sequence[Span] = (), *, is_open: bool = False) -> None:
        """`is_open`: the last instant is the present."""
        self._is_open = is_open
        self._times = _thinned(sorted(set(instants)))
        self._gaps = [(b - a).total_seconds() for a, b in pairwise(self._times)]
        self._even = _even_up_to(self._gaps, self._times, spans)
        self._places = _places([_drawn(gap, self._even) for gap in self._gaps])

    @property
    def is_empty(self) -> bool:
        return len(self._times) < 2

    def place(self, at: datetime) -> float:
        if self.is_empty:
            return 0.0
        found = bisect_right(self._times, at) - 1
        if found < 0:
            return 0.0
        if found >= len(self._gaps):
            return 100.0
        within = (at - self._times[found]).total_seconds() / self._gaps[found]
        return self._places[found] + within * (self._places[found + 1] - self._places[found])

    @property
    def breaks(self) -> list[Break]:
        """The longest of the shortened gaps."""
        longest = sorted(
            (at for at, gap in enumerate(self._gaps) if gap > BREAK * self._even), key=lambda at: -self._gaps[at]
        )
        return [self._break(at) for at in sorted(longest[:MARKS])]

    def _break(self, at: int) -> Break:
        is_unknown = self._is_open and at == len(self._gaps) - 1
        label = "" if is_unknown else formatting.duration(timedelta(seconds=self._gaps[at]))
        return Break(round((self._places[at] + self._places[at + 1]) / 2, 2), label)

    @property
    def ticks(self) -> list[Tick]:
        """Labels of elapsed time that do not overlap; the two ends first."""
        if self.is_empty:
            return []
        chosen = [0, len(self._times) - 1]
        after_gaps = sorted(range(1, len(self._times) - 1), key=lambda at: -self._gaps[at - 1])
        for at in after_gaps[:200]:
            if len(chosen) < TICKS and self._is_apart(at, chosen, APART, LEAST):
                chosen.append(at)
        coarse = chosen[:2]
        for at in chosen[2:]:
            if self._is_apart(at, coarse, APART_ON_A_PHONE, LEAST_ON_A_PHONE):
                coarse.append(at)
        return [self._tick(at, is_fine=at not in coarse) for at in sorted(chosen)]

    def _is_apart(self, at: int, others: list[int], percent: int, pixels: int) -> bool:
        own = self._tick(at, is_fine=False)
        return all(
            abs(self._places[at] - self._places[other]) >= percent
            and not own.touches(self._tick(other, is_fine=False), pixels)
            for other in others
        )

    def _tick(self, at: int, *, is_fine: bool) -> Tick:
        elapsed, is_last = formatting.duration(self._times[at] - self._times[0]), at == len(self._times) - 1
        anchor = "start" if at == 0 else "end" if is_last else "middle"
        label = _("now") if is_last and self._is_open else elapsed if at else "0"
        return Tick(round(self._places[at], 2), label, anchor, is_fine)


def _thinned(times: list[datetime]) -> list[datetime]:
    if len(times) <= MOST_KNOTS:
        return times
    stride = math.ceil(len(times) / MOST_KNOTS)
    return [*times[:-1:stride], times[-1]]


def _drawn(gap: float, even: float) -> float:
    return gap if gap <= even else even * (1 + math.log(gap / even))


def _places(widths: list[float]) -> list[float]:
    places, total = [0.0], sum(widths) or 1.0
    for width in widths:
        places.append(places[-1] + 100 * width / total)
    return places


def _even_up_to(gaps: list[float], times: list[datetime], spans: Sequence[Span]) -> float:
    """The longest gap drawn to scale: as long as possible while short steps have enough room."""
    even = max(gaps, default=1.0)
    for _halving in range(40):
        places = _places([_drawn(gap, even) for gap in gaps])
        if even <= LEAST_EVEN or _share_of_short(spans, times, places) >= SHORT_STEPS_SHARE:
            return even
        even /= 2
    return even


def _share_of_short(spans: Sequence[Span], times: list[datetime], places: list[float]) -> float:
    if len(spans) < 3:
        return 1.0
    widths = sorted(_nearest(times, places, end) - _nearest(times, places, start) for start, end in spans)
    return sum(widths[: math.ceil(len(widths) * 0.7)]) / 100


def _nearest(times: list[datetime], places: list[float], at: datetime) -> float:
    return places[max(0, min(len(places) - 1, bisect_right(times, at) - 1))]
