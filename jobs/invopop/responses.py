"""Turns an API response (status, headers, body) into the body or one of our errors. No I/O.

No text of an error response leaves this module: `reason` is always our own phrase.
"""

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import msgspec

from jobs.invopop.errors import APIError, NoSuchJob, Refused, Throttled, Unavailable, Unusable
from jobs.jsontext import scanner

THROTTLED_FOR = timedelta(seconds=30)  # if the API asks to slow down without a time
THROTTLED_AT_MOST = timedelta(minutes=5)  # even if it asks for longer

MOST_VALUES = 900_000  # in one response; a real one of 9 MB has half as many
MOST_MEMBERS = 200_000  # of the outermost object; each takes 150 bytes of memory

NOT_A_BODY = {204, 205, 206}
NOT_THERE = {404, 410, 451}
REFUSED = {401, 402, 403}
LATER = {304, 408, 409, 421, 423, 425}
# A response with another content type is not a job, whatever its body is.
OTHER_TYPES = ("text/html", "application/xhtml", "application/xml", "text/xml", "application/octet-stream",
               "application/problem+json", "multipart/", "image/", "application/pdf")  # fmt: skip
# [D] A 403 with "error code: 1010" comes from the edge, not the API: it rejects the client, not the API key.
WALL = re.compile(rb"error code: 1\d{3}|<script|captcha|challenge|cf-ray", re.IGNORECASE)
# Words of the API and GOBL's service for kinds of errors. [D] [3P] Other words are ignored.
KINDS = {"conflict", "validation", "calculation", "marshal", "signature", "digest", "internal", "input", "not-found",
         "unknown-schema", "no-document", "unauthorized", "forbidden", "invalid", "bad-request"}  # fmt: skip

PIECE = 65_536  # bytes decoded at a time

Headers = Mapping[str, str]  # names in lower case

_values_of = re.compile(r"\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*, [^,]+|[^,]+", re.IGNORECASE)
_uuid = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


class _Anything(msgspec.Struct):
    """Decoding into this type validates the text without building objects."""


class _ErrorWords(msgspec.Struct):
    key: object = None
    code: object = None


_any_object = msgspec.json.Decoder(_Anything)
_error_words = msgspec.json.Decoder(_ErrorWords)


def has_body(status: int) -> bool:
    """Whether a response with this status may contain a job."""
    return 200 <= status < 300 and status not in NOT_A_BODY


def read(status: int, headers: Headers, body: bytes, now: datetime) -> bytes:
    """The body of a successful response: one JSON object in UTF-8 without byte order mark. Raises errors.APIError."""
    if not has_body(status):
        raise error(status, headers, body, now)
    kind = headers.get("content-type", "").lower().strip()
    if kind.startswith(OTHER_TYPES):
        raise Unusable("not labelled as json")
    return json_object(body)


def error(status: int, headers: Headers, body: bytes, now: datetime) -> APIError:
    """The error for a status. The body gives its kind, and whether the edge or the API refused the request."""
    reason = f"http {status} {_kind(body)}".rstrip()
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
    """Whether a proxy in front of the API responded. The API itself responds in JSON."""
    return "cf-mitigated" in headers or (not scanner.trimmed(body).startswith(b"{") and bool(WALL.search(body)))


def retry_at(value: str, now: datetime) -> datetime:
    """Retry-After in seconds or as a date; the longest of several, joined by commas. Capped at 5 minutes."""
    waits = [wait for wait in (_wait(text, now) for text in _values(value)) if wait is not None]
    return now + min(max(waits, default=THROTTLED_FOR), THROTTLED_AT_MOST)


def json_object(body: bytes) -> bytes:
    """Raises Unusable unless the bytes are one complete JSON object in UTF-8 with a manageable number of values.

    Accepted, because the rest of the job is readable: a byte order mark, NaN and Infinity, numbers of any length,
    lone surrogates, any depth, duplicate names (but see `check_id`).
    """
    text = scanner.trimmed(body)
    if not text.startswith(b"{"):
        raise Unusable("not a json object")
    if text.count(b",") >= MOST_VALUES:
        raise Unusable("too many values")
    _check_utf8(text)
    try:
        _any_object.decode(text)
    except (msgspec.DecodeError, RecursionError, ValueError):
        _read_slowly(text)
    return text


def check_id(body: bytes, job_id: str) -> None:
    """Raises Unusable unless the body has the requested id exactly once, in any case."""
    if _id(body).lower() != job_id.lower():
        raise Unusable("another job's id")


def check_has_id(body: bytes) -> None:
    """Raises Unusable unless the body has one id: for a job not requested by id."""
    if not _uuid.fullmatch(_id(body)):
        raise Unusable("no job's id")


def _id(body: bytes) -> str:
    """The `id` of the outermost object; "" if it is not a string or occurs twice."""
    found = [value for key, value in _members(body) if key == "id"]
    return scanner.string(found[0]) if len(found) == 1 and scanner.kind(found[0]) == "string" else ""


def _members(body: bytes) -> Iterator[tuple[str, bytes]]:
    if body.count(b",") < MOST_MEMBERS:
        yield from scanner.members(body)
        return
    for count, (at, key, start, end) in enumerate(scanner.scan_members(body)):
        if count >= MOST_MEMBERS:
            raise Unusable("too many values")
        yield scanner.string(body[at:key]), body[start : min(end, start + 100)]


def _check_utf8(text: bytes) -> None:
    """Checks in chunks: decoded at once, one emoji makes 40 MB of 10 MB."""
    reader = getincrementaldecoder("utf-8")()
    view = memoryview(text)
    try:
        for at in range(0, len(text), PIECE):
            reader.decode(view[at : at + PIECE], final=at + PIECE >= len(text))
    except UnicodeDecodeError:
        raise Unusable("not utf-8") from None


def _read_slowly(text: bytes) -> None:
    """Validates what msgspec rejects but the standard library accepts: NaN and lone surrogates."""
    if text.count(b",") >= MOST_MEMBERS:
        raise Unusable("not json")
    try:
        json.loads(text.decode(), parse_int=len, parse_float=len, object_pairs_hook=len)
    except RecursionError:
        _split(text)
    except ValueError:
        raise Unusable("not json") from None


def _split(text: bytes) -> None:
    """Validates texts too deep to parse by splitting them into members, which is all the page needs."""
    try:
        scanner.members(text)
    except scanner.NotJSON:
        raise Unusable("not json") from None


def _kind(body: bytes) -> str:
    """The kind of an error as one of KINDS; "" for a body without one, such as text or HTML."""
    try:
        words = _error_words.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ""
    return next((word for word in (words.key, words.code) if isinstance(word, str) and word in KINDS), "")


def _values(value: str) -> list[str]:
    """Splits a joined header; dates contain a comma: "Mon, 01 Jan 2029 00:00:00 GMT, 7" has two values."""
    return _values_of.findall(value[:2000])


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
