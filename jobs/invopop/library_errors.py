"""Translates library errors to ours; nothing else does."""

import http.client
import ssl
from collections.abc import Iterator

import requests
import urllib3.exceptions

from jobs.invopop.errors import APIError, Unavailable, Unusable
from jobs.invopop.transport import TooLarge

_TIMEOUTS = (TimeoutError, urllib3.exceptions.TimeoutError, requests.Timeout)
_TLS = (ssl.SSLError, urllib3.exceptions.SSLError, requests.exceptions.SSLError)
_BROKEN = (
    OSError,
    http.client.IncompleteRead,
    urllib3.exceptions.ProtocolError,
    urllib3.exceptions.IncompleteRead,
    requests.RequestException,
)
# Responses that are not HTTP, and requests that cannot be sent.
_NONSENSE = (
    http.client.HTTPException,
    urllib3.exceptions.DecodeError,
    urllib3.exceptions.HeaderParsingError,
    urllib3.exceptions.InvalidHeader,
    urllib3.exceptions.LocationParseError,
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    ValueError,  # http.client and urllib3 let some through, such as for a negative chunk size
)


class Broken(Unavailable):
    """The connection ended before the head of a response: worth one retry."""


def translated(error: BaseException, *, began: bool) -> APIError:
    """Our error for a library error, without any of its content. `began`: the head of a response was read."""
    causes = list(_causes(error))
    if _any(causes, urllib3.exceptions.NewConnectionError):
        return Unavailable("no connection")
    if _any(causes, *_TIMEOUTS):
        return Unavailable("timeout")
    if _any(causes, *_TLS):
        return Unavailable("tls")
    if _any(causes, TooLarge):
        return Unusable("too large")
    if any(map(_is_nonsense, causes)):
        return Unusable("not http")
    if _any(causes, *_BROKEN):
        return Unavailable("connection broken") if began else Broken("connection broken")
    return Unavailable(f"unexpected {type(error).__name__}")


def bare(error: APIError) -> APIError:
    """The error without its traceback, whose frames hold the request."""
    error.__context__ = error.__cause__ = None
    return error.with_traceback(None)


def _is_nonsense(cause: BaseException) -> bool:
    """Whether the response was not HTTP. The libraries class an ordinary disconnect the same way."""
    if isinstance(cause, urllib3.exceptions.InvalidChunkLength):
        return True
    ended = isinstance(cause, http.client.RemoteDisconnected | http.client.IncompleteRead)
    return isinstance(cause, _NONSENSE) and not ended


def _any(causes: list[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(cause, kinds) for cause in causes)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The exception, its causes, and those urllib3 puts into `reason` or the arguments."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting and len(seen) < 30:
        cause = waiting.pop(0)
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
