"""Integration with browsers and phones: the address bar, the manifest, sharing."""

from xml.sax.saxutils import escape, quoteattr

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from jobs.http import Request, public_url
from jobs.views import look_up

SHARED = ("title", "text", "url")
ICONS = (("icon-192", "192x192", "any"), ("icon-512", "512x512", "any"), ("icon-maskable-512", "512x512", "maskable"))
LONGEST_NAME = 16  # characters, by the OpenSearch specification


@login_not_required
@require_safe
def opensearch(request: HttpRequest) -> HttpResponse:
    """[OpenSearch 1.1]: look-up from the browser's address bar."""
    question = public_url(reverse("jobs:home")) + "?q={searchTerms}"
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">',
        f"<ShortName>{escape(_('Jobs')[:LONGEST_NAME])}</ShortName>",
        f"<Description>{escape(_('Look up a job'))}</Description>",
        "<InputEncoding>UTF-8</InputEncoding>",
        f'<Image width="16" height="16" type="image/svg+xml">{escape(_icon("favicon-brand.svg"))}</Image>',
        f'<Url type="text/html" method="get" template={quoteattr(question)}/>',
        "</OpenSearchDescription>",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="application/opensearchdescription+xml")


@login_not_required
@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """[W3C Web Application Manifest]"""
    home = reverse("jobs:home")
    manifest_fields = {
        "id": home,
        "name": _("Invopop jobs"),
        "short_name": _("Jobs"),
        "description": _("What became of each job, live."),
        "lang": get_language(),
        "start_url": home,
        "scope": home,
        "display": "standalone",
        "background_color": "#063f31",
        "theme_color": "#063f31",
        "icons": [
            {"src": static(f"img/{name}.png"), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for name, sizes, purpose in ICONS
        ],
        "share_target": {
            "action": reverse("jobs:share"),
            "method": "POST",
            "enctype": "application/x-www-form-urlencoded",
            "params": {name: name for name in SHARED},
        },
    }
    return JsonResponse(manifest_fields, content_type="application/manifest+json")


@csrf_exempt  # sent by the phone's system without a CSRF token; it only looks something up
@require_POST
def share(request: Request) -> HttpResponseBase:
    """Looks up a shared link or text. Like typed text, it never gets into a URL."""
    return look_up.answer_shared(request, "\n".join(filter(None, (request.POST.get(name) for name in SHARED))))


def _icon(name: str) -> str:
    found = static(f"img/{name}")
    return found if found.startswith("http") else f"{settings.PUBLIC_ORIGIN}{found}"
