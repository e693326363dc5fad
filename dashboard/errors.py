"""Error responses in the requested form: a page, JSON, or for htmx a line that is not swapped in.

They must work while the database is down, so none depends on the user.
"""

import logging
import sys
from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.debug import SafeExceptionReporterFilter

from dashboard import disk_space
from jobs.http import problem, wants_part
from jobs.teams.access import SecondFactorMissing

RETRY_AFTER = 5  # seconds after which the database may be available again
WORDS = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    422: "too_much",
    429: "too_many",
    500: "server_error",
    503: "unavailable",
    507: "no_space",
}
NOT_MIGRATED = {"42P01", "42703"}  # PostgreSQL knows no such table, or no such column
log = logging.getLogger("dashboard.errors")


class RedactedReports(SafeExceptionReporterFilter):
    """Django's error reports, by e-mail or in debug mode, without data or keys."""

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> ItemsView[str, Any]:
        return {}.items()


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, 400)


def unauthorized(request: HttpRequest, *, shown: bool) -> HttpResponse:
    """401 for a script, [RFC 6750]. `shown`: whether it sent a token; all invalid tokens get the same reason."""
    why = (
        "The access token is wrong, expired or revoked."
        if shown
        else "Send an access token of the team, as Authorization: Bearer …"
    )
    response = problem(401, WORDS[401], why)
    error_fields = f', error="invalid_token", error_description="{why}"' if shown else ""
    response.headers["WWW-Authenticate"] = f'Bearer realm="jobs"{error_fields}'
    return response


def unopened() -> HttpResponse:
    """403 for a script at an address that no access token opens."""
    return problem(403, WORDS[403], "No access token opens this address.")


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, 403, "second_factor.html" if isinstance(exception, SecondFactorMissing) else "")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, 404)


def too_many(request: HttpRequest, wait: int, template: str = "") -> HttpResponse:
    """429. `wait`: seconds until a retry may succeed."""
    response = answer(request, 429, template)
    response.headers["Retry-After"] = str(wait)
    return response


def too_many_attempts(request: HttpRequest, wait: int = 60) -> HttpResponse:
    """429 for allauth's rate limits per minute, and for overload of password hashing."""
    return too_many(request, wait, "too_many_attempts.html")


def busy(request: HttpRequest, wait: int) -> HttpResponse:
    """503. `wait`: seconds until a retry may succeed."""
    response = answer(request, 503)
    response.headers["Retry-After"] = str(wait)
    return response


def too_much(request: HttpRequest) -> HttpResponse:
    """422: the document needs more processor time than a request may use."""
    return answer(request, 422)


def unreadable(request: HttpRequest) -> HttpResponse:
    """503 for a saved copy this process cannot decrypt; the job's page fetches it again."""
    log.warning("%s: a saved copy can't be decrypted with the keys in TOKEN_ENCRYPTION_KEYS", request.path)
    response = answer(request, 503, "unreadable.html")
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return answer(request, 403, template="csrf_failure.html")


def server_error(request: HttpRequest) -> HttpResponse:
    """500; 503 if the database is unreachable, too slow or of another version; 507 if a disk is full.

    It logs the error instead of Django: while the database is down every request fails, and a line each is enough.
    """
    error = sys.exc_info()[1]
    if disk_space.is_full(error):
        log.error("no disk space is left: %s", error)
        return answer(request, 507)
    if isinstance(error, OperationalError | InterfaceError):
        log.error("the database: %s", error)
        return busy(request, RETRY_AFTER)
    if getattr(getattr(error, "__cause__", None), "sqlstate", "") in NOT_MIGRATED:
        log.error("the database is not of this version, see `jobs-dashboard upgrade`: %s", error)
        return busy(request, RETRY_AFTER)
    log.error("%s failed", request.path, exc_info=error)
    return answer(request, 500)


def answer(request: HttpRequest, status: int, template: str = "") -> HttpResponse:
    if wants_part(request):
        return HttpResponse(WORDS[status] + "\n", content_type="text/plain", status=status)
    if _wants_json(request):
        return problem(status, WORDS[status])
    return _page(request, status, template or f"{status}.html")


def _wants_json(request: HttpRequest) -> bool:
    preferred = request.get_preferred_type(["text/html", "application/json"])
    return request.path.endswith(".json") or preferred == "application/json"


def _page(request: HttpRequest, status: int, template: str) -> HttpResponse:
    try:
        return render(request, template, status=status)
    except Exception:  # a failing error page must not hide the error
        log.exception("the error page failed")
        return HttpResponse(WORDS[status] + "\n", content_type="text/plain", status=status)
