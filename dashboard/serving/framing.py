"""Determines the length of the first request in a buffer, so that threads get only complete requests.

Gunicorn's parser then decides whether it is valid. It gets exactly the bytes counted here: if the two disagree, the
request is refused or cut, and no byte of it can become part of the next request.
"""

import re
from dataclasses import dataclass

HEAD_BYTES = 65_536
BODY_BYTES = 1_000_000  # Django's DATA_UPLOAD_MAX_MEMORY_SIZE is this constant
END = b"\r\n\r\n"
_LENGTHS = re.compile(rb"\r\n(content-length|transfer-encoding):[ \t]*([^\r\n]*)", re.IGNORECASE)
_CONTINUE = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A response sent at once, without a thread."""

    status: int
    reason: str


HEAD_TOO_LARGE = Refusal(431, "Request Header Fields Too Large")
BODY_TOO_LARGE = Refusal(413, "Content Too Large")
NO_LENGTH = Refusal(411, "Length Required")
TOO_SLOW = Refusal(408, "Request Timeout")
NO_ROOM = Refusal(503, "Service Unavailable")


def length(arrived: bytearray) -> int | Refusal | None:
    """The length of the first request, head and body; None while its head is incomplete."""
    end = arrived.find(END, 0, HEAD_BYTES)
    if end < 0:
        return HEAD_TOO_LARGE if len(arrived) >= HEAD_BYTES else None
    head = end + len(END)
    body = _body(_LENGTHS.findall(arrived, 0, end))
    return body if isinstance(body, Refusal) else head + body


def awaits_continue(arrived: bytearray) -> bool:
    """Whether the client sends its body only after "100 Continue"."""
    return _CONTINUE.search(arrived, 0, arrived.find(END) + len(END)) is not None


def _body(lengths: list[tuple[bytes, bytes]]) -> int | Refusal:
    """The length of the body; 0 for an invalid Content-Length (two, letters), which gunicorn's parser refuses."""
    if len(lengths) != 1:
        return 0
    name, value = lengths[0][0].lower(), lengths[0][1].strip()
    if name == b"transfer-encoding":
        return NO_LENGTH if value.lower() == b"chunked" else 0
    if not value.isdigit():
        return 0
    is_too_large = len(value.lstrip(b"0")) > len(str(BODY_BYTES)) or int(value) > BODY_BYTES
    return BODY_TOO_LARGE if is_too_large else int(value)
