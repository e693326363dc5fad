"""What every answer carries, and who is let in."""

from collections.abc import Callable
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from dashboard import errors, hashing
from jobs.http import wants_part
from jobs.limits import TooMany

Handler = Callable[[HttpRequest], HttpResponseBase]

POLICY = "; ".join(f"{name} {' '.join(sources)}" for name, sources in settings.SECURE_CSP.items())
METHODS = ("GET", "HEAD", "POST", "OPTIONS")
WITHOUT_BODY = {204, 304}  # nothing to protect, and a watcher receives thousands of them
FOR_A_BODY = (
    "Content-Language",
    "Content-Length",  # RFC 9110, 8.6: none with 204, and with 304 not that of another answer
    "Cross-Origin-Opener-Policy",
    "Referrer-Policy",
    "Vary",
    "X-Frame-Options",
)


def SecurityHeaders(get_response: Handler) -> Handler:  # noqa: N802 (named like Django's own middleware)
    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers["X-Content-Type-Options"] = "nosniff"
        if response.status_code in WITHOUT_BODY:
            for name in FOR_A_BODY:
                response.headers.pop(name, None)
        else:
            response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
            response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
            if not settings.DEBUG:  # Django's debug pages have inline styles
                response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

    return respond


def KnownMethods(get_response: Handler) -> Handler:  # noqa: N802
    """405 for what nothing here has, before anybody asks for its CSRF token or its session."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        return get_response(request) if request.method in METHODS else HttpResponseNotAllowed(METHODS)

    return respond


def PrivatePages(get_response: Handler) -> Handler:  # noqa: N802
    """No shared or browser cache keeps what lies behind the login: the next person at this machine must not see it."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        if isinstance(response, HttpResponse) and response.status_code not in WITHOUT_BODY:
            patch_vary_headers(response, ["HX-Request", "HX-History-Restore-Request"])
        return response

    return respond


class TooMuch:
    """Turns a limit, wherever a view met it, into an answer."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        match exception:
            case TooMany():
                return errors.too_many(request, exception.wait)
            case hashing.Busy():
                return errors.too_many_attempts(request, hashing.WAIT)
        return None


class LoginRequired(LoginRequiredMiddleware):
    """Sends htmx to the login page as a whole: a login form inside the live part of a page would be of no use. After
    it people are back on the page they had, never on a part of one or at an address that takes forms alone."""

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        response = super().handle_no_permission(request, view_func)
        is_page = request.method in {"GET", "HEAD"} and not wants_part(request)
        if not is_page:
            response.headers["Location"] = f"{resolve_url(settings.LOGIN_URL)}?next={quote(_page_of(request))}"
        if wants_part(request):
            return HttpResponseClientRedirect(str(response.headers["Location"]))
        return response


def _page_of(request: HttpRequest) -> str:
    """Where to go on after signing in, for what is no page itself: the page it was asked from, if that is ours."""
    said = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(said, {request.get_host()}, require_https=request.is_secure()):
        return "/"
    parts = urlsplit(said)
    return parts.path + (f"?{parts.query}" if parts.query else "")
