"""The request our views get: somebody signed in, with htmx at hand; and where it came from."""

import ipaddress

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class Request(HttpRequest):
    user: User
    htmx: HtmxDetails


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page. What it asks for to go back in the history has to be whole. Read from the
    headers: an error may come before the middleware that makes `request.htmx`."""
    said = request.headers
    return said.get("HX-Request") == "true" and said.get("HX-History-Restore-Request") != "true"


def client_address(request: HttpRequest) -> str | None:
    """The address of whoever asked; None where there is none, as behind a socket.

    X-Forwarded-For counts only as far as TRUSTED_PROXIES wrote it. Each proxy adds at the end: with two of them the
    second entry from the end is the client, and what stands before it is anybody's word.
    """
    said = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    trusted: int = settings.TRUSTED_PROXIES
    behind_proxies = 0 < trusted <= len(said)
    return _address(said[-trusted] if behind_proxies else "") or _address(request.META.get("REMOTE_ADDR", ""))


def _address(text: str) -> str | None:
    """Without a port, a zone or brackets; None for what is no address."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return None
