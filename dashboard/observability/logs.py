"""Logging: one line per request and per record, without secrets."""

import json
import logging
import random
import re
import time
from collections.abc import Callable
from contextvars import ContextVar
from types import TracebackType
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from jobs.invopop.key_detection import OUR_SECRETS

request_id: ContextVar[str] = ContextVar("request_id", default="-")
log = logging.getLogger("dashboard.request")

LONGEST = 8_000  # characters of a line; a traceback is cut in the middle
SECRETS = re.compile(
    r"(Bearer\s+)\S+"
    r"|eyJ[\w-]{8,}(?:\.[\w-]*){0,2}"  # a JWT or its head
    r"|gAAAA[\w-]{20,}={0,2}"  # Fernet
    rf"|{OUR_SECRETS}"
    r"|(?<=/reset/key/)[^/\s]+|(?<=/confirm-email/)[^/\s]+|(?<=/unsubscribe/)[^/\s]+"  # links in e-mails
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # user and password of a database URL
    r"|(?<=[?&]h=)[0-9a-fA-F]+",  # a file link gives access to the file
    re.IGNORECASE,
)
CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160), 0x2028, 0x2029)}
REQUEST_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)
PROBES = {"/healthz", "/readyz", "/metrics"}
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def redact(text: str) -> str:
    """The text on one line without tokens and capability links, for logs and error pages."""
    return SECRETS.sub(lambda match: (match.group(1) or "") + "[redacted]", text).translate(CONTROLS)


class Redact(logging.Filter):
    """A filter for handlers, so that it also applies to records of libraries."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _cut(redact(record.getMessage())), ()
        record.__dict__["request_id"] = request_id.get()
        record.__dict__["fields"] = {name: _clean(value) for name, value in record.__dict__.get("fields", {}).items()}
        return True


class OneLine(logging.Formatter):
    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802
        return _cut(redact(super().formatException(ei)))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802
        return _cut(redact(stack_info))

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).replace("\n", " | ")


class Json(OneLine):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "request_id": record.__dict__.get("request_id", "-"),
            "message": record.getMessage(),
        } | record.__dict__.get("fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def RequestLog(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:  # noqa: N802
    """Logs a line per request, without the query string, because pasted text may be a link that opens a file."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        request_id.set(_id_of(request))
        started = time.perf_counter()
        response = get_response(request)
        fields = _fields(request, response, round((time.perf_counter() - started) * 1000))
        level = logging.DEBUG if request.path_info in PROBES and response.status_code < 500 else logging.INFO
        log.log(level, "%(method)s %(path)s %(status)s %(ms)s ms", fields, extra={"fields": fields})
        if response.status_code >= 400:  # so that a bug report can name it
            response.headers["X-Request-ID"] = request_id.get()
        return response

    return respond


def _fields(request: HttpRequest, response: HttpResponseBase, milliseconds: int) -> dict[str, Any]:
    where = request.resolver_match.kwargs if request.resolver_match else {}
    return {
        "method": request.method,
        "path": request.path,
        "status": response.status_code,
        "ms": milliseconds,
        "team": str(where.get("slug", "")),
        "job": str(where.get("job_id", "")),
    }


def _id_of(request: HttpRequest) -> str:
    """The request id of a trusted proxy, to match its log with ours; otherwise a new one."""
    given = request.headers.get("X-Request-ID", "") if settings.TRUSTED_PROXIES else ""
    return given if REQUEST_ID.fullmatch(given) else f"{random.getrandbits(48):012x}"


def _clean(value: Any) -> Any:
    return _cut(redact(value)) if isinstance(value, str) else value


def _cut(text: str) -> str:
    half = LONGEST // 2
    return text if len(text) <= LONGEST else f"{text[:half]} … {text[-half:]}"
