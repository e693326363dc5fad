"""Log lines: one for each request, one line for each record, no secret in any."""

import json
import logging
import re
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase

request_id: ContextVar[str] = ContextVar("request_id", default="-")
log = logging.getLogger("dashboard.request")

SECRETS = re.compile(
    r"(Bearer\s+)\S+"
    r"|eyJ[\w-]{8,}(?:\.[\w-]*){0,2}"  # a JWT, whole or its head
    r"|gAAAA[\w-]{20,}={0,2}"  # Fernet
    r"|(?<=[?&]h=)[0-9a-fA-F]+",  # a file link is a key to the file
    re.IGNORECASE,
)
CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160), 0x2028, 0x2029)}


def redact(text: str) -> str:
    """The text without tokens and capability links, on one line: what a log or an error page may hold."""
    return SECRETS.sub(lambda match: (match.group(1) or "") + "[redacted]", text).translate(CONTROLS)


class Redact(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), ()
        record.__dict__["request_id"] = request_id.get()
        return True


class OneLine(logging.Formatter):
    def formatException(self, ei: object) -> str:  # noqa: N802
        return redact(super().formatException(ei))  # type: ignore[arg-type]

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).replace("\n", " | ")


class Json(OneLine):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "request_id": request_id.get(),
            "message": record.getMessage(),
        } | record.__dict__.get("fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def RequestLog(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:  # noqa: N802
    """One line a request, without the query: what people paste into the look-up box may be a link that opens a file."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        request_id.set(uuid.uuid4().hex[:12])
        started = time.perf_counter()
        response = get_response(request)
        milliseconds = round((time.perf_counter() - started) * 1000)
        where = request.resolver_match.kwargs if request.resolver_match else {}
        fields = {
            "method": request.method,
            "path": request.path,
            "status": response.status_code,
            "ms": milliseconds,
            "team": str(where.get("slug", "")),
            "job": str(where.get("job_id", "")),
        }
        log.info(
            "%s %s %s %s ms [%s]",
            request.method, request.path, response.status_code, milliseconds, request_id.get(),
            extra={"fields": fields},
        )  # fmt: skip
        return response

    return respond
