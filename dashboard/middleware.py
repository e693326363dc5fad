"""Headers of every response, and access control."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from dashboard import errors
from dashboard.accounts import hashing
from dashboard.accounts.sessions import was_signed_in
from jobs import cpu_budget
from jobs.encryption import Unreadable
from jobs.http import Request, wants_part
from jobs.lookup.rate_limit import TooMany
from jobs.teams.access import has_second_factor
from jobs.views import heavy_views, poll_pace, script_access
from jobs.views.reauthentication import ask_for_proof, is_recent

Handler = Callable[[HttpRequest], HttpResponseBase]
View = Callable[..., HttpResponseBase]

POLICY = "; ".join(f"{name} {' '.join(sources)}" for name, sources in settings.SECURE_CSP.items())
METHODS = ("GET", "HEAD", "POST", "OPTIONS")
WITHOUT_BODY = {204, 304}  # nothing to protect, and a watcher receives thousands of them
FOR_A_BODY = (
    "Content-Language",
    "Content-Length",  # RFC 9110, 8.6: not with 204, and with 304 only that of the same response
    "Cross-Origin-Opener-Policy",
    "HX-PTag",  # the request already contains it
    "Referrer-Policy",
    "Vary",
    "X-Content-Type-Options",
    "X-Frame-Options",
)
FOR_A_PAGE = ("Cross-Origin-Opener-Policy", "Referrer-Policy", "X-Frame-Options")
FOR_A_CACHE = ("Content-Language", "Vary")  # responses to polls are not cached
IN_THE_PART = ("HX-PTag",)  # the live part says it as well
NOTHING = "default-src 'none'; sandbox"


def SecurityHeaders(get_response: Handler) -> Handler:  # noqa: N802 (named like Django's own middleware)
    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.status_code in WITHOUT_BODY:
            for name in FOR_A_BODY:
                response.headers.pop(name, None)
            return response
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if "X-Pieces" in request.headers:  # never shown as a page, and sent hundreds of times
            response.headers.setdefault("Content-Security-Policy", NOTHING)
            for name in (*FOR_A_PAGE, *FOR_A_CACHE, *IN_THE_PART):
                response.headers.pop(name, None)
        else:
            response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
            if request.path.startswith(settings.STATIC_URL):
                response.headers.setdefault("Content-Security-Policy", NOTHING)  # not a page
            elif not settings.DEBUG:  # Django's debug pages have inline styles
                response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

    return respond


PACE = poll_pace.Pace()


def Paced(get_response: Handler, own: poll_pace.Pace = PACE) -> Handler:  # noqa: N802
    """Extends the pause after a poll until this process has capacity for the next one."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        if not wants_part(request):
            return get_response(request)
        with own.measured():
            response = get_response(request)
        if announced := response.headers.get("X-Poll-Ms"):
            response.headers["X-Poll-Ms"] = str(own.pause(int(announced)))
        return response

    return respond


def KnownMethods(get_response: Handler) -> Handler:  # noqa: N802
    """Responds with 405 to unknown methods before CSRF token and session are checked, and to HEAD without a body.

    gunicorn would drop the body, but only after reading all of an export, and with a warning for each health check.
    """

    def respond(request: HttpRequest) -> HttpResponseBase:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        response = get_response(request)
        if request.method == "HEAD":
            _drop_body(response)
        return response

    return respond


def _drop_body(response: HttpResponseBase) -> None:
    """The headers stay those of a GET."""
    if isinstance(response, StreamingHttpResponse):
        response.streaming_content = ()
    elif isinstance(response, HttpResponse):
        response.content = b""


def BackToThePage(get_response: Handler) -> Handler:  # noqa: N802
    """Redirects a browser that opens the URL of a form's POST to the page with the form, one folder above.

    A form with errors is shown at that URL, where changing the language or Enter in the address bar opens it.
    """

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        is_opened = request.method == "GET" and request.headers.get("Sec-Fetch-Mode") == "navigate"
        if response.status_code != 405 or not is_opened:
            return response
        return redirect(request.path.rstrip("/").rpartition("/")[0] + "/")

    return respond


def PrivatePages(get_response: Handler) -> Handler:  # noqa: N802
    """Forbids caching of pages behind the login, which the next user of the machine must not see."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        if isinstance(response, HttpResponse) and response.status_code not in WITHOUT_BODY:
            patch_vary_headers(response, ["HX-Request", "HX-History-Restore-Request"])
        return response

    return respond


class TooMuch:
    """Converts limits raised by any view to responses, and sets the parsing budget of a request."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with cpu_budget.limited(cpu_budget.REQUEST):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        match exception:
            case TooMany():
                return errors.too_many(request, exception.wait)
            case hashing.Busy():
                return errors.too_many_attempts(request, hashing.WAIT)
            case heavy_views.Busy():
                return errors.busy(request, heavy_views.RETRY_AFTER)
            case cpu_budget.Exhausted():
                return errors.too_much(request)
            case Unreadable():
                return errors.unreadable(request)
        return None


class GuardedAdmin:
    """The admin requires a second factor and recent authentication."""

    OPEN = ("login", "logout", "jsi18n")

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: Request, view: View, args: object, kwargs: object) -> HttpResponseBase | None:
        match = request.resolver_match
        if match is None or "admin" not in match.app_names or match.url_name in self.OPEN or not request.user.is_staff:
            return None
        if not has_second_factor(request.user):
            messages.warning(request, _("Operators need a second factor. Set one up first."))
            return redirect("mfa_index")
        if not is_recent(request):
            return ask_for_proof(
                request, request.get_full_path() if request.method == "GET" else reverse("admin:index")
            )
        return None


class LoginRequired(LoginRequiredMiddleware):
    """Redirects htmx to the whole login page, because a login form inside the live part would be useless.

    After signing in, people return to their page, never to a part of one or to a URL that only accepts forms.
    """

    def process_view(
        self, request: HttpRequest, view_func: View, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if not script_access.is_open(view_func) or not _is_script(request):
            return super().process_view(request, view_func, view_args, view_kwargs)
        try:
            is_in = script_access.authenticate(request)
        except TooMany as limit:
            return errors.too_many(request, limit.wait)
        return None if is_in else errors.unauthorized(request, shown=script_access.presents_token(request))

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        if script_access.presents_token(request):
            return errors.unopened()  # a redirect to a login page would look like success to a script
        if was_signed_in(request) and not len(messages.get_messages(request)):
            ended = _(
                "Your session has ended: after 8 hours without use, 7 days after you signed in, or because it was "
                "ended elsewhere. Sign in to go on where you were."
            )
            messages.info(request, ended)
        response = super().handle_no_permission(request, view_func)
        is_page = request.method in {"GET", "HEAD"} and not wants_part(request)
        if not is_page:
            response.headers["Location"] = f"{resolve_url(settings.LOGIN_URL)}?next={quote(_page_of(request))}"
        if wants_part(request):
            return HttpResponseClientRedirect(str(response.headers["Location"]))
        return response


def _is_script(request: HttpRequest) -> bool:
    """Whether the request has a token, or the client is not a browser and must not be redirected to the login page."""
    if script_access.presents_token(request):
        return True
    return not request.user.is_authenticated and "text/html" not in request.headers.get("Accept", "")


def _page_of(request: HttpRequest) -> str:
    """Where to go after signing in from a fragment: its page, if it is on this site."""
    page_address = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page_address, {request.get_host()}, require_https=request.is_secure()):
        return "/"
    parts = urlsplit(page_address)
    return parts.path + (f"?{parts.query}" if parts.query else "")
