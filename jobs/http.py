"""The request our views get: somebody signed in, with htmx at hand."""

from django.contrib.auth.models import User
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class Request(HttpRequest):
    user: User  # type: ignore[assignment]
    htmx: HtmxDetails
