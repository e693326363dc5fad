"""The typed request of our views, with user and htmx details; and the client's address."""

import ipaddress
import re
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, JsonResponse
from django_htmx.middleware import HtmxDetails

_gzip = re.compile(r"\bgzip\b")
LARGEST_ROW = 2**63 - 1  # the largest id of a row that databases accept


class Request(HttpRequest):
    user: User
    htmx: HtmxDetails
    session_left: int  # seconds


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx requests a part of a page; for history navigation it needs the whole page. The headers are read,
    because errors can occur before the middleware that sets `request.htmx`."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"


def accepts_gzip(request: HttpRequest) -> bool:
    return bool(_gzip.search(request.headers.get("Accept-Encoding", "")))


def public_url(path: str) -> str:
    """A page's URL for messages: on PUBLIC_ORIGIN, whatever host was requested."""
    return f"{settings.PUBLIC_ORIGIN}{path}"


def problem(status: int, error: str, detail: str = "") -> JsonResponse:
    """An error response for scripts, [RFC 9457]; `error` is a stable code."""
    problem_details: dict[str, object] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    problem_details |= {"detail": detail} if detail else {}
    return JsonResponse(problem_details | {"error": error}, status=status, content_type="application/problem+json")


def row_number(text: str) -> int | None:
    """Parses the id of a row; None if a database would not accept it."""
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_ROW))
    return int(text) if is_number and int(text) <= LARGEST_ROW else None


def client_address(request: HttpRequest) -> str | None:
    """The client's IP address; None behind a Unix socket.

    Only the entries of X-Forwarded-For added by the TRUSTED_PROXIES count. Each proxy appends one: with two proxies the
    second entry from the end is the client, and earlier ones may be forged.
    """
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    trusted: int = settings.TRUSTED_PROXIES
    behind_proxies = 0 < trusted <= len(hops)
    return _address(hops[-trusted] if behind_proxies else "") or _address(request.META.get("REMOTE_ADDR", ""))


def _address(text: str) -> str | None:
    """An IP address without port, zone or brackets; None if invalid.

    An IPv4 address mapped to IPv6 is converted back: all of those are in one network, and would share its limits.
    """
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return str(getattr(found, "ipv4_mapped", None) or found)
