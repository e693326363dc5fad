"""Times rendered in UTC; the browser can show local or elapsed time instead."""

from dataclasses import dataclass
from datetime import UTC, datetime

from jobs import formatting
from jobs.invopop.payload import Moment


@dataclass(frozen=True, slots=True)
class Timestamp:
    """`iso` is "" if the time cannot be read; then `text` is the original."""

    text: str
    iso: str = ""
    form: str = "full"  # full: date and time; time: without the date, on the day of the job's start


def timestamp(moment: Moment | datetime | None, day_of: datetime | None = None) -> Timestamp | None:
    """None without a time. The date is left out on the day of `day_of`."""
    at = moment.at if isinstance(moment, Moment) else moment
    if at is None:
        return Timestamp(formatting.visible(moment.text[:60])) if isinstance(moment, Moment) and moment.text else None
    at = at.astimezone(UTC)
    same_day = day_of is not None and day_of.date() == at.date()
    clock = f"{at:%H:%M:%S}.{at.microsecond // 1000:03}"
    text = clock if same_day else f"{at:%Y-%m-%d} {clock if day_of else clock[:8]}"
    return Timestamp(
        text,
        f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z",
        "time" if same_day else "fine" if day_of else "full",
    )
