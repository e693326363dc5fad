"""Offsets and instants in the stories: "2d6h0.7" is a number of seconds, "2026-10-05T09:14:22.318Z" a time."""

import re
from datetime import UTC, datetime, timedelta

BACKOFF = (5, 10, 20, 40, 80, 160, 320, 640, 1280)  # seconds; then LONGEST again and again  # [D] guide to webhooks
LONGEST = 1800

_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_part = re.compile(r"(\d+(?:\.\d+)?)([dhms]?)")


def seconds(offset: str | float) -> float:
    """The seconds of `90`, "1.5", "15m1.4" or "3d2h". Raises ValueError for anything else."""
    if isinstance(offset, int | float):
        return float(offset)
    if not re.fullmatch(rf"(?:{_part.pattern})+", offset):
        raise ValueError(f"not an offset: {offset!r}")
    return sum(float(number) * _UNITS.get(unit, 1) for number, unit in _part.findall(offset))


def backoff(attempt: int) -> int:
    """Seconds between the failure of this attempt, counted from 1, and the next one."""
    return BACKOFF[attempt - 1] if attempt <= len(BACKOFF) else LONGEST


def instant(text: str) -> datetime:
    """Parses an ISO 8601 instant, aware and in UTC. Raises ValueError."""
    return datetime.fromisoformat(text).astimezone(UTC)


def iso(at: datetime) -> str:
    """An instant in the API's format: UTC, milliseconds, Z.  # [W]"""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def after(start: datetime, offset: float) -> datetime:
    """The instant, to the millisecond as in the API."""
    return start + timedelta(milliseconds=round(offset * 1000))


def elapsed(start: datetime, now: datetime) -> float:
    return (now - start) / timedelta(seconds=1)
