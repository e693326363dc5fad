"""Times rendered in UTC; the browser can show local or elapsed time instead."""

from dataclasses import dataclass
from datetime import UTC, datetime

from jobs import formatting
from jobs.invopop.job_payload import Moment


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
    iso = at.replace(tzinfo=None).isoformat(timespec="milliseconds")  # a page has hundreds; strftime takes longer
    date, _, clock = iso.partition("T")
    if day_of is None:
        return Timestamp(f"{date} {clock[:8]}", f"{iso}Z", "full")
    if day_of.date() == at.date():
        return Timestamp(clock, f"{iso}Z", "time")
    return Timestamp(f"{date} {clock}", f"{iso}Z", "fine")
