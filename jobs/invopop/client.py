"""The Invopop API over HTTP. Every call returns the body of a successful response, from which the API key is removed,
or raises one of errors.APIError.

Requests go through one adapter without a requests.Session, which would read the whole body of a redirect, keep cookies,
and use ~/.netrc and the environment's proxies. Teams share only connections, which carry no identity.

Sources: Invopop's descriptions of the Transform, Access, Utils and Silo APIs. [D]
"""

import re
from collections.abc import Callable, Mapping
from urllib.parse import quote
from uuid import UUID

import requests

from jobs import cpu_budget
from jobs.invopop import body_reading, responses
from jobs.invopop.downloads import File, open_file
from jobs.invopop.errors import APIError, NoSuchJob, Refused, Unusable
from jobs.invopop.key_redaction import redacted
from jobs.invopop.library_errors import Broken, bare, translated
from jobs.invopop.transport import Adapter, Allowance, Limits, NoAuth, Token

__all__ = ["LIMITS", "Client", "File", "Limits", "Token", "open_file"]

LIMITS = Limits()

_sendable = re.compile(r"[\x21-\x7e]+")


class Client:
    """A client with one API key. Cheap to create, and thread-safe.

    `authorities`: a PEM file of certificate authorities to trust instead of the public ones.
    """

    def __init__(self, base_url: str, token: Token, *, limits: Limits = LIMITS, authorities: str | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self._token = token
        self._limits = limits
        self._authorities = authorities

    def job(self, job_id: str | UUID) -> bytes:
        """GET /transform/v1/jobs/{id}. Raises ValueError for an invalid UUID; a response for another id is Unusable."""
        asked = str(UUID(str(job_id)))
        return self._get(f"/transform/v1/jobs/{asked}", check=lambda body: responses.check_id(body, asked))

    def job_by_key(self, key: str) -> bytes:
        """GET /transform/v1/jobs/key/{key}; a key may hold slashes and spaces."""
        return self._get(f"/transform/v1/jobs/key/{_segment(key)}", check=responses.check_has_id)

    def jobs(self, created_at: str | None = None, cursor: str | None = None, limit: int = 20) -> bytes:
        """GET /transform/v1/jobs, newest first, from `created_at` (RFC 3339) downwards. `limit`: 10 to 100. [D]"""
        query = {"created_at": created_at, "cursor": cursor, "limit": str(limit)}
        return self._get("/transform/v1/jobs", {name: value for name, value in query.items() if value})

    def workflow(self, workflow_id: str | UUID) -> bytes:
        """GET /transform/v1/workflows/{id}"""
        return self._get(f"/transform/v1/workflows/{_segment(str(workflow_id))}")

    def workflows(self) -> bytes:
        """GET /transform/v1/workflows: the first hundred, without their steps."""
        return self._get("/transform/v1/workflows", {"limit": "100"})

    def entry(self, entry_id: str | UUID) -> bytes:
        """GET /silo/v1/entries/{id}. Raises ValueError for an invalid UUID."""
        return self._get(f"/silo/v1/entries/{UUID(str(entry_id))}")

    def search(self, text: str) -> bytes:
        """GET /silo/v1/search: free text over series, codes, names and tax ids, best match first. [D]"""
        return self._get("/silo/v1/search", {"q": text, "limit": "20"})

    def workspace(self) -> bytes:
        """GET /access/v1/workspace: whose token this is."""
        return self._get("/access/v1/workspace")

    def ping(self) -> None:
        """GET /utils/v1/ping: whether the API responds and accepts the token."""
        self._get("/utils/v1/ping")

    def _get(
        self, path: str, query: Mapping[str, str] | None = None, check: Callable[[bytes], None] | None = None
    ) -> bytes:
        """At most two attempts within one time limit: the second only if a connection broke before any response."""
        allowance = Allowance(self._limits, token=self._token)
        outcome = self._attempt(path, query, check, allowance)
        if isinstance(outcome, Broken) and not allowance.expired:
            outcome = self._attempt(path, query, check, allowance)
        if isinstance(outcome, APIError):
            # Raised here and not where it was caught, so that it references no frame or exception with the request.
            raise outcome
        return outcome

    def _attempt(
        self,
        path: str,
        query: Mapping[str, str] | None,
        check: Callable[[bytes], None] | None,
        allowance: Allowance,
    ) -> bytes | APIError:
        response = None
        try:
            headers = {"Accept": "application/json", "Accept-Encoding": "gzip"}
            if not _sendable.fullmatch(self._token.reveal()):
                raise Refused("token not sendable")
            request = requests.Request("GET", self.base_url + path, headers, params=query, auth=NoAuth()).prepare()
            response = _adapter.ask(request, allowance, self._authorities)
            body = body_reading.read(response, allowance)
            with cpu_budget.turn(len(body)):
                return redacted(body if check is None else _checked(body, check, allowance), self._token)
        except APIError as error:
            if isinstance(error, Unusable):
                allowance.prevent_reuse()
            return bare(error)
        except Exception as error:  # noqa: BLE001 (any other would show the request, token included, to error reports)
            return translated(error, began=response is not None)
        finally:
            if response is not None:
                response.close()  # a connection whose response was not read to its end is not reused


def _checked(body: bytes, check: Callable[[bytes], None], allowance: Allowance) -> bytes:
    """On a pooled connection the response may belong to an earlier request, and is then requested again."""
    try:
        check(body)
    except Unusable:
        allowance.prevent_reuse()
        if allowance.reused:
            raise Broken("an answer nobody asked for") from None
        raise
    return body


_adapter = Adapter(pool_connections=8, pool_maxsize=16, max_retries=0)


def _segment(text: str) -> str:
    """One path segment. Dots alone would change the path, and no job has such a key."""
    if not text.strip("."):
        raise NoSuchJob("not a key")
    return quote(text, safe="")
