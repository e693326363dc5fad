"""A step's activity as bars on the time axis: running, waiting, pausing between attempts."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from django.utils.translation import gettext as _

from jobs import formatting
from jobs.invopop.job_payload import Event, Intent
from jobs.presenters.time_axis import Axis

LEAST_WIDTH = 0.7  # percent: enough to see and point at
MANY = 12  # the pauses of more attempts are drawn as one line
CLOSER = 0.25  # percent: bars of one kind that are closer are drawn as one
# The kind of a bar: by the status at its start, for an attempt by the status at its end.
AFTER = {"QUEUED": "wait", "ERR": "pause", "POKE": "wait", "NA": "wait"}
ENDED = {"OK": "ok", "SKIP": "off", "ERR": "warn", "KO": "fault", "TIMEOUT": "fault", "CANCEL": "off"}


@dataclass(frozen=True, slots=True)
class Bar:
    x: float  # percent
    width: float
    kind: str  # ok run warn fault off wait pause
    is_open: bool = False


def instants(intent: Intent) -> Iterable[datetime]:
    if intent.created_at and intent.created_at.at and intent.events:
        yield intent.created_at.at
    yield from (event.at.at for event in intent.events if event.at and event.at.at)


def began(intent: Intent) -> datetime | None:
    return next((event.at.at for event in intent.events if event.at and event.at.at), None)


def ended(intent: Intent) -> datetime | None:
    return next((event.at.at for event in reversed(intent.events) if event.at and event.at.at), None)


def in_words(intent: Intent, origin: datetime | None) -> str:
    """The bars in words, for screen readers: when the step began, and how long it paused."""
    start = began(intent)
    if start is None:
        return ""
    parts = [_("begins %s after the job") % formatting.duration(start - origin)] if origin and start >= origin else []
    pairs = [(one, other) for one, other in pairwise(intent.events) if _is_forward(one, other)]
    still = sum((_at(other) - _at(one) for one, other in pairs if one.word in AFTER), timedelta())
    return ", ".join([*parts, _("pauses %s in all") % formatting.duration(still)] if still else parts)


def bars(intent: Intent, axis: Axis, most: int, *, is_open: bool) -> tuple[Bar, ...]:
    if axis.is_empty:
        return ()
    found = [_bar(axis, one, other) for one, other in pairwise(intent.events) if _is_forward(one, other)]
    last = ended(intent)
    if is_open and last:
        x = axis.place(last)
        found.append(Bar(x, max(100 - x, LEAST_WIDTH), AFTER.get(intent.events[-1].word, "run"), is_open=True))
    elif not found and last:
        found.append(Bar(axis.place(last), 0, ENDED.get(intent.events[-1].word, "run")))
    return tuple(_sized(bar) for bar in _joined(_on_one_line(found), most))


def _bar(axis: Axis, one: Event, other: Event) -> Bar:
    start, end = axis.place(_at(one)), axis.place(_at(other))
    return Bar(start, end - start, AFTER.get(one.word) or ENDED.get(other.word, "run"))


def _on_one_line(found: list[Bar]) -> list[Bar]:
    pauses = [bar for bar in found if bar.kind == "pause"]
    if len(pauses) <= MANY:
        return found
    line = replace(pauses[0], width=pauses[-1].x + pauses[-1].width - pauses[0].x, is_open=pauses[-1].is_open)
    return [line, *(bar for bar in found if bar.kind != "pause")]


def _joined(found: list[Bar], most: int) -> list[Bar]:
    """Joins bars of attempts that are too many to draw one by one."""
    closer = CLOSER
    while True:
        joined: list[Bar] = []
        for bar in found:
            before = joined[-1] if joined else None
            if (
                before
                and before.kind == bar.kind
                and not bar.is_open
                and bar.kind != "pause"
                and bar.x - before.x - before.width <= closer
            ):
                joined[-1] = replace(before, width=bar.x + bar.width - before.x)
            else:
                joined.append(bar)
        if len(joined) <= most or closer > 50:
            return joined[:most]
        found, closer = joined, closer * 2


def _sized(bar: Bar) -> Bar:
    width = max(bar.width, LEAST_WIDTH)
    return replace(bar, x=round(min(bar.x, 100 - width), 2), width=round(width, 2))


def _is_forward(one: Event, other: Event) -> bool:
    return bool(one.at and one.at.at and other.at and other.at.at and other.at.at >= one.at.at)


def _at(event: Event) -> datetime:
    return event.at.at  # type: ignore[union-attr,return-value]  # checked by _is_forward
