"""Reads requests as UTF-8 only.

Another encoding could have text read that no page holds, such as lone surrogates; or a codec that reads
no text, which failed before there was anything to answer with.
"""

from django.core.handlers.wsgi import WSGIRequest


class InUtf8(WSGIRequest):
    @property
    def encoding(self) -> None:
        return None

    @encoding.setter
    def encoding(self, encoding_asked_for: str) -> None:
        """The client's own charset is ignored."""
