"""Requests to the single sign-on provider, with limits on the time and size of a response.

The timeout of requests restarts with every byte, and it reads any amount. Requests to the provider contain the client's
secret, which a redirect would send elsewhere, so only GET requests follow redirects.
"""

import contextlib
import io
import json
from http.client import HTTPException
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from jobs.invopop import body_reading
from jobs.invopop.errors import APIError
from jobs.invopop.library_errors import translated
from jobs.invopop.transport import Adapter, Allowance, Limits, bounded

LIMITS = Limits(silence=5.0, total=6.0, wire=1_000_000, decoded=1_000_000)
REDIRECTS = 3


class Session(requests.Session):
    """Every response is a JSON object; otherwise requests.RequestException is raised."""

    def __init__(self) -> None:
        super().__init__()
        self.max_redirects = REDIRECTS
        adapter = _WholeAnswers(Allowance(LIMITS))
        for scheme in ("https://", "http://"):
            self.mount(scheme, adapter)

    def request(self, method: Any, url: Any, *args: Any, **given: Any) -> requests.Response:
        given["allow_redirects"] = method.upper() == "GET"
        return super().request(method, url, *args, **given)


class _WholeAnswers(Adapter):
    def __init__(self, allowance: Allowance) -> None:
        super().__init__(max_retries=0)
        self._allowance = allowance

    def send(self, request: requests.PreparedRequest, *args: Any, **given: Any) -> requests.Response:
        given |= {"stream": True, "timeout": (LIMITS.connect, LIMITS.silence)}
        try:
            with bounded(self._allowance):
                answer = super().send(request, *args, **given)
            answer.raw = io.BytesIO(self._body(answer))
        except APIError as error:
            raise requests.RequestException(error.reason) from None
        except (OSError, HTTPException, HTTPError) as error:
            raise requests.RequestException(translated(error, began=True).reason) from None
        except (ValueError, RecursionError):  # numbers with thousands of digits, or too deep nesting
            raise requests.RequestException("unreadable") from None
        return answer

    def _body(self, answer: requests.Response) -> bytes:
        """A body that is a JSON object Python can read; the body of a redirect is ignored."""
        with contextlib.closing(answer.raw):
            if answer.is_redirect:
                return b""
            body = body_reading.read(answer, self._allowance)
        json.loads(body)
        return body
