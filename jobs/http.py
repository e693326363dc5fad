"""The request of our views: a signed-in user with htmx details; and the client's address."""

import ipaddress
import re
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, JsonResponse
from django_htmx.middleware import HtmxDetails

_gzip = re.compile(r"\bgzip\b")
LARGEST_ROW = 2**63 - 1  # what a database takes for the number of a row


class Request(HttpRequest):
    user: User
    htmx: HtmxDetails
    session_left: int  # seconds


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page. What it asks for to go back in the history has to be whole. Read from the
    headers: an error may come before the middleware that makes `request.htmx`."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"


def accepts_gzip(request: HttpRequest) -> bool:
    return bool(_gzip.search(request.headers.get("Accept-Encoding", "")))


def public_url(path: str) -> str:
    """A page's address for mails and messages: on PUBLIC_ORIGIN, whatever host was requested."""
    return f"{settings.PUBLIC_ORIGIN}{path}"


def problem(status: int, error: str, detail: str = "") -> JsonResponse:
    """An error for machines, [RFC 9457]; `error` is a stable code."""
    problem_details: dict[str, object] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    problem_details |= {"detail": detail} if detail else {}
    return JsonResponse(problem_details | {"error": error}, status=status, content_type="application/problem+json")


def row_number(text: str) -> int | None:
    """The id of a row; None for one no database accepts."""
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_ROW))
    return int(text) if is_number and int(text) <= LARGEST_ROW else None


def client_address(request: HttpRequest) -> str | None:
    """The client's address; None behind a socket.

    X-Forwarded-For counts only as far as TRUSTED_PROXIES wrote it. Each proxy adds at the end: with two of them the
    second entry from the end is the client, and what stands before it is anybody's word.
    """
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    trusted: int = settings.TRUSTED_PROXIES
    behind_proxies = 0 < trusted <= len(hops)
    return _address(hops[-trusted] if behind_proxies else "") or _address(request.META.get("REMOTE_ADDR", ""))


def _address(text: str) -> str | None:
    """Without a port, a zone or brackets; None for what is no address. An IPv4 address in the form of IPv6 is itself
    again: all of those are in one network, and would share its limits."""
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
