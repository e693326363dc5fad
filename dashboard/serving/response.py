"""The head of a response: the status, the date and the application's headers.

Watchers receive thousands of heads without a body, so what clients do not need is not sent: what serves them, and that
an HTTP/1.1 connection stays open (RFC 9112, 9.3).
"""

from gunicorn.http import wsgi

STAYS_OPEN = "Connection: keep-alive\r\n"


class Response(wsgi.Response):  # type: ignore[misc]
    def default_headers(self) -> list[str]:
        status, _server, date, connection, *others = super().default_headers()
        is_default = connection == STAYS_OPEN and self.req.version >= (1, 1)
        return [status, date, *([] if is_default else [connection]), *others]
