"""The baseline of all measurements: a Django view that returns "ok", behind the same session and login.

Same server, database and cookie, and none of our code but the settings. `/floor/` is the smallest possible live page:
htmx and one line that polls, with the only header of Django that takes a browser time, because it starts a process.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scripts.bench.bare_settings")

from django.contrib.auth.decorators import login_not_required
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.html import format_html
from django_htmx.jinja import htmx_script

FLOOR = """<!doctype html><html lang="en"><title>Floor</title>{}
<p id="job" hx-get="/" hx-trigger="every 2s" hx-swap="innerHTML">ok</p></html>"""


def ok(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"ok")


def floor(request: HttpRequest) -> HttpResponse:
    return HttpResponse(format_html(FLOOR, htmx_script()), headers={"Cross-Origin-Opener-Policy": "same-origin"})


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"ok")


urlpatterns = [path("", ok), path("floor/", floor), path("healthz", healthz)]
application = get_wsgi_application()
