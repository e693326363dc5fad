"""What an answer of the API means: (status, headers, body) in; the body, or one of our errors, out. No I/O.

Nothing of an error's text leaves this module: `reason` is always a phrase of ours.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import msgspec

from jobs.invopop import scanner
from jobs.invopop.errors import APIError, NoSuchJob, Refused, Throttled, Unavailable, Unusable

THROTTLED_FOR = timedelta(seconds=30)  # when the API asks to slow down without saying for how long
THROTTLED_AT_MOST = timedelta(minutes=5)  # however long it asks for

NOT_A_BODY = {204, 205, 206}
NOT_THERE = {404, 410, 451}
REFUSED = {401, 402, 403}
LATER = {304, 408, 409, 421, 423, 425}
# An answer that says it is something else is not a job, whatever its bytes look like.
OTHER_TYPES = ("text/html", "application/xhtml", "application/xml", "text/xml", "application/octet-stream",
               "application/problem+json", "multipart/", "image/", "application/pdf")  # fmt: skip
# [D] a 403 with "error code: 1010" comes from the edge, not from the API: it dislikes the client, not the token.
WALL = re.compile(rb"error code: 1\d{3}|<script|captcha|challenge|cf-ray", re.IGNORECASE)

Headers = Mapping[str, str]  # names in lower case


def read(status: int, headers: Headers, body: bytes, now: datetime) -> bytes:
    """The body of a good answer: one whole JSON object in UTF-8, without a byte order mark. Raises one of errors.APIError."""
    if not 200 <= status < 300 or status in NOT_A_BODY:
        raise error(status, headers, body, now)
    kind = headers.get("content-type", "").lower().strip()
    if kind.startswith(OTHER_TYPES):
        raise Unusable("not labelled as json")
    return json_object(body)


def error(status: int, headers: Headers, body: bytes, now: datetime) -> APIError:
    """The error that a status stands for; the body only tells a wall at the edge from a refused token."""
    reason = f"http {status}"
    if status == 429 or (status == 503 and "retry-after" in headers):
        return Throttled(reason, retry_at(headers.get("retry-after", ""), now))
    if status == 403 and is_wall(headers, body):
        return Unavailable("blocked at the edge")
    if status in REFUSED:
        return Refused(reason)
    if status in NOT_THERE:
        return NoSuchJob(reason)
    if status in LATER or 500 <= status < 600:
        return Unavailable(reason)
    return Unusable(reason)


def is_wall(headers: Headers, body: bytes) -> bool:
    return "cf-mitigated" in headers or bool(WALL.search(body))


def retry_at(value: str, now: datetime) -> datetime:
    """Retry-After in seconds or as a date; several values, joined by commas, count as the longest. Capped at 5 minutes."""
    waits = [wait for wait in map(lambda text: _wait(text, now), _values(value)) if wait is not None]
    return now + min(max(waits, default=THROTTLED_FOR), THROTTLED_AT_MOST)


def json_object(body: bytes) -> bytes:
    """Raises Unusable unless the bytes are one complete JSON object in UTF-8.

    Tolerated, because the rest of a job can still be read: a byte order mark, NaN and Infinity, numbers of any length,
    lone surrogates, any depth.
    """
    text = scanner.trimmed(body)
    if not text.startswith(b"{"):
        raise Unusable("not a json object")
    try:
        msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        text.decode()  # msgspec does not look into what it passes through
    except UnicodeDecodeError:
        raise Unusable("not utf-8") from None
    except (msgspec.DecodeError, RecursionError, ValueError):
        _read_slowly(text)
    return text


def check_id(body: bytes, job_id: str) -> None:
    """Raises Unusable unless the body says that it is the job that was asked for."""
    found = [value for key, value in scanner.members(body) if key == "id"]
    if len(found) != 1 or scanner.kind(found[0]) != "string" or scanner.string(found[0]).lower() != job_id.lower():
        raise Unusable("another job's id")


def _read_slowly(text: bytes) -> None:
    try:
        json.loads(text.decode(), parse_int=len, parse_float=len)
    except RecursionError:
        _split(text)
    except (ValueError, UnicodeDecodeError):
        raise Unusable("not json") from None


def _split(text: bytes) -> None:
    """Too deep to be walked: good enough if it falls into members, because each is shown by itself."""
    try:
        scanner.members(text)
    except scanner.NotJSON:
        raise Unusable("not json") from None


def _values(value: str) -> list[str]:
    """A date has a comma of its own: "Mon, 01 Jan 2029 00:00:00 GMT, 7" holds two values."""
    return re.findall(r"[A-Za-z]{3,9}, [^,]+|[^,]+", value[:2000])


def _wait(text: str, now: datetime) -> timedelta | None:
    text = text.strip()
    if text.isascii() and text.isdigit():
        seconds = int(text[:9]) if len(text) < 10 else 10**9
        return timedelta(seconds=seconds) if seconds > 0 else None
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return until - now if until > now else None
