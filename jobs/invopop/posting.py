"""Posts to a URL entered by a person, with the same safeguards as downloads.

No redirects, cookies or proxies, nothing inside our own network, and a time limit. Of the response only the head is
read.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import requests

from jobs.invopop import body_reading
from jobs.invopop.downloads import is_trusted
from jobs.invopop.errors import APIError
from jobs.invopop.library_errors import bare, translated
from jobs.invopop.transport import Adapter, Allowance, Limits, NoAuth, Token

LIMITS = Limits(connect=3.0, silence=5.0, total=8.0, wire=64_000, decoded=64_000, error=0)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    retry_after: int  # seconds; 0 if not stated


def post(
    url: Token,
    body: bytes,
    headers: Mapping[str, str],
    *,
    trusted_origins: Collection[str] = (),
    limits: Limits = LIMITS,
    authorities: str | None = None,
) -> Answer:
    """Raises errors.APIError. The URL may be a secret: it is revealed only here, and no error contains it.

    Addresses in our own network are refused when connecting, unless the URL has one of `trusted_origins`.
    """
    allowance = Allowance(limits, public_only=not is_trusted(url.reveal(), trusted_origins))
    outcome = _posted(url, body, headers, allowance, authorities)
    if isinstance(outcome, APIError):
        raise outcome
    return outcome


_adapter = Adapter(pool_connections=2, pool_maxsize=2, max_retries=0)


def _posted(
    url: Token, body: bytes, headers: Mapping[str, str], allowance: Allowance, authorities: str | None
) -> Answer | APIError:
    try:
        request = requests.Request("POST", url.reveal(), dict(headers), data=body, auth=NoAuth()).prepare()
        response = _adapter.ask(request, allowance, authorities)
    except Exception as error:  # noqa: BLE001 (any other would show the address to error reports)
        return bare(translated(error, began=False))
    status, fields = response.status_code, body_reading.headers(response)
    response.close()
    return Answer(status, _seconds(fields.get("retry-after", "")))


def _seconds(text: str) -> int:
    text = text.strip()
    return min(int(text), 86_400) if text.isascii() and text.isdigit() and len(text) < 7 else 0
