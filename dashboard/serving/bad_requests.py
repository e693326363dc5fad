"""Responses to requests that never reach the application, with our headers and without repeating the request."""

from typing import Protocol

TEXT = """\
HTTP/1.1 {status} {reason}\r
Connection: close\r
Content-Type: text/plain; charset=utf-8\r
Content-Length: {length}\r
Cache-Control: no-store\r
Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r
Cross-Origin-Opener-Policy: same-origin\r
Cross-Origin-Resource-Policy: same-origin\r
Permissions-Policy: camera=(), geolocation=(), microphone=()\r
Referrer-Policy: same-origin\r
X-Content-Type-Options: nosniff\r
X-Frame-Options: DENY\r
{more}\r
{reason}
"""


class Writable(Protocol):
    def sendall(self, data: bytes, /) -> None: ...


def answer(status: int, reason: str) -> bytes:
    more = "Retry-After: 1\r\n" if status == 503 else ""
    text = TEXT.format(status=status, reason=reason, length=len(reason) + 1, more=more)
    return text.encode("latin-1", "replace")


def write_error(client: Writable, status: int, reason: str, detail: str) -> None:
    """Replaces gunicorn.util.write_error."""
    client.sendall(answer(status, reason))
