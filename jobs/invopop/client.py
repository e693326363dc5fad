"""The Invopop API over HTTP. Every call returns the bytes of a good answer or raises one of errors.APIError.

Sources: Invopop's descriptions of the Transform, Access, Utils and Silo APIs. [D]
"""

import http.client
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Protocol
from urllib.parse import quote
from uuid import UUID

import requests
import urllib3.exceptions
from requests.auth import AuthBase

from jobs.invopop import answers
from jobs.invopop.errors import APIError, Unavailable, Unusable
from jobs.invopop.wire import Adapter, Deadline, within

USER_AGENT = "invopop-jobs-dashboard/1.0"  # [D] the edge refuses clients that do not name themselves
PIECE = 16_384  # bytes read at a time


@dataclass(frozen=True, slots=True)
class Limits:
    connect: float = 2.0  # seconds
    silence: float = 3.0  # seconds between two bytes
    total: float = 5.0  # seconds for one attempt, a retry included
    wire: int = 10_000_000  # bytes received
    decoded: int = 10_000_000  # bytes after gzip
    error: int = 64_000  # bytes of an error's body that are read


LIMITS = Limits()


class Token(Protocol):
    def reveal(self) -> str: ...


class Client:
    """Speaks for one token. Cheap to make; threads and clients share connections, never cookies."""

    def __init__(self, base_url: str, token: Token, limits: Limits = LIMITS) -> None:
        self.base_url = base_url.rstrip("/")
        self._bearer = _Bearer(token)
        self._limits = limits

    def job(self, job_id: str | UUID) -> bytes:
        """GET /transform/v1/jobs/{id}. An answer for another id is Unusable."""
        body = self._get(f"/transform/v1/jobs/{UUID(str(job_id))}")
        answers.check_id(body, str(job_id))
        return body

    def job_by_key(self, key: str) -> bytes:
        """GET /transform/v1/jobs/key/{key}; a key may hold slashes and spaces."""
        return self._get(f"/transform/v1/jobs/key/{quote(key, safe='')}")

    def jobs(self, created_at: str | None = None, cursor: str | None = None, limit: int = 20) -> bytes:
        """GET /transform/v1/jobs, newest first. `limit`: 10 to 100."""
        query = {"created_at": created_at, "cursor": cursor, "limit": str(limit)}
        return self._get("/transform/v1/jobs", {name: value for name, value in query.items() if value})

    def workflow(self, workflow_id: str) -> bytes:
        """GET /transform/v1/workflows/{id}"""
        return self._get(f"/transform/v1/workflows/{quote(workflow_id, safe='')}")

    def workspace(self) -> bytes:
        """GET /access/v1/workspace: whose token this is."""
        return self._get("/access/v1/workspace")

    def _get(self, path: str, query: dict[str, str] | None = None) -> bytes:
        """Two attempts at most, within one deadline: the second only where a connection broke before any answer."""
        with within(self._limits.total) as deadline:
            outcome = self._attempt(path, query, deadline)
            if isinstance(outcome, _Broken) and not deadline.expired:
                outcome = self._attempt(path, query, deadline)
        if isinstance(outcome, APIError):
            # Raised here and not where it was caught: no frame or exception that holds the request hangs on it.
            raise outcome
        return outcome

    def _attempt(self, path: str, query: dict[str, str] | None, deadline: Deadline) -> bytes | APIError:
        response = None
        try:
            response = _session().get(
                self.base_url + path,
                params=query,
                auth=self._bearer,
                headers={"Accept": "application/json", "Accept-Encoding": "gzip"},
                timeout=(self._limits.connect, self._limits.silence),
                allow_redirects=False,
                stream=True,
            )
            return _answer(response, self._limits, deadline)
        except APIError as error:
            return error.with_traceback(None)
        except Exception as error:  # noqa: BLE001 (whatever the libraries raise about the network ends here)
            return translated(error, deadline, began=response is not None)
        finally:
            if response is not None:
                response.close()  # a connection whose answer was not read to its end is not used again


@contextmanager
def open_file(
    url: str, *, total_seconds: float, max_bytes: int, public_only: bool = True, limits: Limits = LIMITS
) -> Iterator[Iterator[bytes]]:
    """The pieces of a file, without the token, without redirects. Raises errors.APIError, also while it is read."""
    with within(total_seconds, public_only=public_only) as deadline:
        response = None
        failure: APIError | None = None
        try:
            timeout = (limits.connect, limits.silence)
            response = _session().get(
                url, timeout=timeout, allow_redirects=False, stream=True, headers={"Accept-Encoding": "identity"}
            )
            if response.status_code != 200 or "content-encoding" in response.headers:
                raise Unusable(f"http {response.status_code}")
            yield _pieces(response, max_bytes, deadline)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            failure = translated(error, deadline, began=response is not None)
        finally:
            if response is not None:
                response.close()
        if failure is not None:
            raise failure


class _Bearer(AuthBase):
    """As `auth=`, so that no ~/.netrc replaces it; the token is asked for at the last moment."""

    def __init__(self, token: Token) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        return request


class _Broken(Unavailable):
    """The connection ended before a single byte of an answer: worth one more try."""


_adapter = Adapter(pool_connections=8, pool_maxsize=16, max_retries=0)
_threads = threading.local()


def _session() -> requests.Session:
    """requests promises nothing about sessions over threads: one each, over one shared adapter, without cookies."""
    if not hasattr(_threads, "session"):
        session = requests.Session()
        session.trust_env = False  # neither ~/.netrc nor a proxy of the environment sees the token
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.headers = {"User-Agent": USER_AGENT}  # type: ignore[assignment]
        session.mount("https://", _adapter)
        session.mount("http://", _adapter)
        _threads.session = session
    return _threads.session  # type: ignore[no-any-return]


def _answer(response: requests.Response, limits: Limits, deadline: Deadline) -> bytes:
    headers = {name.lower(): value for name, value in response.headers.items()}
    _check_framing(response)
    if response.status_code != 200 and not 200 <= response.status_code < 300:
        body = b"".join(_some(_pieces(response, limits.error, deadline)))
        raise answers.error(response.status_code, headers, body, datetime.now(UTC))
    packed = b"".join(_pieces(response, limits.wire, deadline))
    body = _unpacked(packed, headers.get("content-encoding", ""), limits.decoded)
    return answers.read(response.status_code, headers, body, datetime.now(UTC))


def _check_framing(response: requests.Response) -> None:
    """A length that can be read in two ways lets one answer run into the next."""
    stated = response.raw.headers.getlist("content-length")
    chunked = "transfer-encoding" in response.raw.headers
    if len(stated) > 1 or (stated and chunked) or not all(value.isascii() and value.isdigit() for value in stated):
        raise Unusable("unclear length")


def _pieces(response: requests.Response, most: int, deadline: Deadline) -> Iterator[bytes]:
    received = 0
    for piece in response.raw.stream(PIECE, decode_content=False):
        received += len(piece)
        if received > most:
            raise Unusable("too large")
        if deadline.expired:
            raise Unavailable("timeout")
        yield piece


def _some(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Of an error's body what comes; it is only looked at for marks of a wall at the edge."""
    try:
        yield from pieces
    except Exception:  # noqa: BLE001 (the status has been read: a body that breaks changes nothing)
        return


def _unpacked(packed: bytes, encoding: str, most: int) -> bytes:
    """One layer of gzip or deflate at most, and no more than `most` bytes of it."""
    if encoding.strip().lower() in {"", "identity"}:
        return packed
    if encoding.strip().lower() not in {"gzip", "x-gzip", "deflate"}:
        raise Unusable("unknown encoding")
    unpacker = zlib.decompressobj(wbits=47)  # gzip or zlib, by the header
    try:
        body = unpacker.decompress(packed, most + 1)
    except zlib.error:
        raise Unusable("broken encoding") from None
    if len(body) > most:
        raise Unusable("too large")
    if not unpacker.eof or unpacker.unused_data:
        raise Unusable("broken encoding")
    return body


def translated(error: BaseException, deadline: Deadline, *, began: bool) -> APIError:
    """The one place where what the libraries raise becomes one of ours. `began`: the head of an answer had been read."""
    causes = list(_causes(error))
    if any(isinstance(cause, urllib3.exceptions.NewConnectionError) for cause in causes):
        return Unavailable("no connection")
    if deadline.expired or any(isinstance(cause, TimeoutError | urllib3.exceptions.TimeoutError) for cause in causes):
        return Unavailable("timeout")
    if any(_is_nonsense(cause) for cause in causes):
        return Unusable("not http")
    if any(isinstance(cause, urllib3.exceptions.SSLError | requests.exceptions.SSLError) for cause in causes):
        return Unavailable("tls")
    if not began and any(isinstance(cause, ConnectionResetError | BrokenPipeError) for cause in causes):
        return _Broken("connection broken")
    return Unavailable("no connection" if not began else "connection broken")


def _is_nonsense(cause: BaseException) -> bool:
    """What no server that speaks HTTP sends; a connection that merely ended too early is not nonsense."""
    if isinstance(cause, urllib3.exceptions.InvalidChunkLength):
        return bool(cause.length)
    if isinstance(cause, http.client.RemoteDisconnected | http.client.IncompleteRead | urllib3.exceptions.IncompleteRead):
        return False
    bad = (http.client.HTTPException, urllib3.exceptions.InvalidHeader, urllib3.exceptions.DecodeError,
           urllib3.exceptions.HeaderParsingError, requests.exceptions.InvalidHeader, ValueError)  # fmt: skip
    return isinstance(cause, bad) and not isinstance(cause, requests.exceptions.InvalidSchema)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The exception, what it was raised from, and what urllib3 put into `reason` or the arguments."""
    seen: set[int] = set()
    waiting = [error]
    while waiting and len(seen) < 30:
        cause = waiting.pop(0)
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
