"""Downloads an attachment, without the API key and with the same safeguards as API requests."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Self
from urllib.parse import urlsplit

import requests

from jobs.invopop import body_reading, responses
from jobs.invopop.errors import APIError, Refused, Unusable
from jobs.invopop.library_errors import bare, translated
from jobs.invopop.transport import Adapter, Allowance, Limits, NoAuth

LIMITS = Limits()


def open_file(
    url: str,
    *,
    total_seconds: float,
    max_bytes: int,
    trusted_origins: Collection[str] = (),
    limits: Limits = LIMITS,
    authorities: str | None = None,
) -> "File":
    """GET without API key or redirects. Raises errors.APIError, also while the pieces are read.

    Addresses inside our own network are refused when connecting, unless the URL has the origin (scheme, host and port)
    of one of `trusted_origins`. Whether the host may be asked at all is for the caller to decide.
    """
    bounds = Limits(limits.connect, limits.silence, total_seconds, max_bytes, max_bytes, limits.error)
    allowance = Allowance(bounds, public_only=not is_trusted(url, trusted_origins))
    outcome = _opened(url, allowance, authorities)
    if isinstance(outcome, APIError):
        raise outcome
    return outcome


class File:
    """A response with status 200, not yet read. Use it as a context manager, iterate once."""

    def __init__(self, response: requests.Response, allowance: Allowance) -> None:
        self.headers: Mapping[str, str] = body_reading.headers(response)  # names in lower case
        self._response = response
        self._allowance = allowance

    @property
    def size(self) -> int | None:
        """The size in bytes announced by the server."""
        return body_reading.stated_length(self.headers)

    def __iter__(self) -> Iterator[bytes]:
        pieces = body_reading.pieces(self._response, self._allowance.limits.wire, self._allowance)
        while True:
            piece = _next(pieces)
            if isinstance(piece, APIError):
                raise piece
            if piece is None:
                return
            yield piece

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._response.close()


_files = Adapter(pool_connections=2, pool_maxsize=4, max_retries=0)


def _next(pieces: Iterator[bytes]) -> bytes | APIError | None:
    try:
        return next(pieces, None)
    except APIError as error:
        return bare(error)
    except Exception as error:  # noqa: BLE001 (as for the API: nothing of the libraries gets out)
        return translated(error, began=True)


def _opened(url: str, allowance: Allowance, authorities: str | None) -> File | APIError:
    try:
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        response = _files.ask(requests.Request("GET", url, headers, auth=NoAuth()).prepare(), allowance, authorities)
    except Exception as error:  # noqa: BLE001 (as for the API: nothing of the libraries gets out)
        return translated(error, began=False)
    file = File(response, allowance)
    failure = _not_a_file(response.status_code, file, allowance.limits.wire)
    if failure is not None:
        response.close()
        return failure
    return file


def _not_a_file(status: int, file: File, most: int) -> APIError | None:
    if status != 200:
        error = responses.error(status, file.headers, b"", datetime.now(UTC))
        # No API key was sent that could have been refused.
        return Unusable(error.reason) if isinstance(error, Refused) else error
    if file.headers.get("content-encoding", "identity").strip().lower() != "identity":
        return Unusable("unknown encoding")
    return Unusable("too large") if (file.size or 0) > most else None


def is_trusted(url: str, origins: Collection[str]) -> bool:
    """Whether it has one of these origins, and so may lead into our own network."""
    origin = origin_of(url)
    return origin != "" and origin in map(origin_of, origins)


def origin_of(url: str) -> str:
    """http://127.0.0.1:8080 of http://127.0.0.1:8080/a?b; "" if there is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if "@" in parts.netloc or not parts.hostname:
        return ""
    return f"{parts.scheme}://{parts.hostname}" + (f":{port}" if port is not None else "")
