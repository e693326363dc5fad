"""Error answers, in the form that was asked for: a page, JSON, or for htmx a line that is not swapped in.

Each must come out when the database is down, so none looks at who is asking.
"""

import logging
import sys
from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.debug import SafeExceptionReporterFilter

from jobs.access import SecondFactorMissing
from jobs.http import wants_part

RETRY_AFTER = 5  # seconds after which a database that was away may well be back
WORDS = {
    400: "bad_request",
    403: "forbidden",
    404: "not_found",
    429: "too_many",
    500: "server_error",
    503: "unavailable",
}
log = logging.getLogger("dashboard.errors")


class Discreet(SafeExceptionReporterFilter):
    """Django's reports of errors, by mail or as a page in debug mode: where it broke, with nobody's data or keys."""

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> ItemsView[str, Any]:
        return {}.items()


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, 403, "second_factor.html" if isinstance(exception, SecondFactorMissing) else "")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, 404)


def too_many(request: HttpRequest, wait: int, template: str = "") -> HttpResponse:
    """`wait`: seconds until it is worth trying again."""
    response = answer(request, 429, template)
    response.headers["Retry-After"] = str(wait)
    return response


def too_many_attempts(request: HttpRequest, wait: int = 60) -> HttpResponse:
    """allauth's limits, by the minute, and a rush on the hashes of passwords."""
    return too_many(request, wait, "too_many_attempts.html")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return answer(request, 403, template="csrf_failure.html")


def server_error(request: HttpRequest) -> HttpResponse:
    """500; or 503 when it is the database that cannot be reached or does not answer in time.

    Written down here and not by Django: a database that is away fails every request, a line each is enough for that.
    """
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError | InterfaceError):
        log.error("the database: %s", error)
        response = answer(request, 503)
        response.headers["Retry-After"] = str(RETRY_AFTER)
        return response
    log.error("%s failed", request.path, exc_info=error)
    return answer(request, 500)


def answer(request: HttpRequest, status: int, template: str = "") -> HttpResponse:
    if wants_part(request):
        return HttpResponse(WORDS[status] + "\n", content_type="text/plain", status=status)
    if _wants_json(request):
        return JsonResponse({"error": WORDS[status]}, status=status)
    return _page(request, status, template or f"{status}.html")


def _wants_json(request: HttpRequest) -> bool:
    preferred = request.get_preferred_type(["text/html", "application/json"])
    return request.path.endswith(".json") or preferred == "application/json"


def _page(request: HttpRequest, status: int, template: str) -> HttpResponse:
    try:
        return render(request, template, status=status)
    except Exception:  # an error page that fails must not hide the error
        log.exception("the error page failed")
        return HttpResponse(WORDS[status] + "\n", content_type="text/plain", status=status)
