"""Decodes requests only as UTF-8.

Another charset could give text that no page contains, such as lone surrogates; or name a codec that does not decode
text, which would fail before any error handling.
"""

from django.core.handlers.wsgi import WSGIRequest


class InUtf8(WSGIRequest):
    @property
    def encoding(self) -> None:
        return None

    @encoding.setter
    def encoding(self, encoding_asked_for: str) -> None:
        """The client's own charset is ignored."""
