"""What everything is measured against: one Django view that says "ok", behind the same session and login.

Same server, same database, same cookie; nothing of ours but the settings. `/floor/` is the smallest live page there is:
htmx and one line that asks again, with the one header of Django's own that costs a browser time: it begins a process.
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
