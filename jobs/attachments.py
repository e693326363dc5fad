"""A verified download: the file comes through us and is compared with what the job states before anybody gets a byte.

Only https addresses of ATTACHMENT_HOSTS are asked, without the token, without following redirects.
"""

import hashlib
import threading
from dataclasses import dataclass
from enum import StrEnum
from tempfile import SpooledTemporaryFile
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings

from jobs.invopop.client import open_file
from jobs.invopop.errors import APIError
from jobs.invopop.payload import Attachment

MAX_BYTES = 100_000_000
TOTAL_SECONDS = 60
IN_MEMORY = 2_000_000  # bytes; more is spooled to an unnamed file on disk
AT_A_TIME = threading.BoundedSemaphore(4)  # downloads of one process: each holds a request thread


class Verdict(StrEnum):
    MATCHES = "matches"
    DIFFERS = "differs"
    UNSTATED = "unstated"  # the job gives no hash to compare with


class NotFetched(Exception):
    """`why` is one of: "host", "busy", "too large", or the reason of an APIError."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Fetched:
    content: IO[bytes]  # at its start
    size: int  # bytes
    sha256: str
    verdict: Verdict


def may_fetch(url: str) -> bool:
    """Whether the server itself may ask for this address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if "@" in parts.netloc or not parts.hostname:
        return False
    if parts.scheme == "https" and port in {None, 443} and parts.hostname in settings.ATTACHMENT_HOSTS:
        return True
    return settings.PLAIN_HTTP and url.startswith(settings.INVOPOP_API_URL + "/")


def fetch(attachment: Attachment) -> Fetched:
    """Raises NotFetched. The caller closes `content`."""
    if not may_fetch(attachment.url):
        raise NotFetched("host")
    if attachment.size is not None and attachment.size > MAX_BYTES:
        raise NotFetched("too large")
    if not AT_A_TIME.acquire(blocking=False):
        raise NotFetched("busy")
    try:
        return _fetched(attachment)
    except APIError as error:
        raise NotFetched(error.reason) from None
    finally:
        AT_A_TIME.release()


def _fetched(attachment: Attachment) -> Fetched:
    content: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (the response closes it)
    digest = hashlib.sha256()
    ours = [settings.INVOPOP_API_URL] if settings.PLAIN_HTTP else []  # the only origin that may lie inside our network
    with open_file(attachment.url, total_seconds=TOTAL_SECONDS, max_bytes=MAX_BYTES, trusted_origins=ours) as file:
        for piece in file:
            digest.update(piece)
            content.write(piece)
    size = content.tell()
    content.seek(0)
    return Fetched(content, size, digest.hexdigest(), _verdict(attachment, size, digest.hexdigest()))


def _verdict(attachment: Attachment, size: int, sha256: str) -> Verdict:
    stated = attachment.hash.strip().lower()
    if not stated:
        return Verdict.UNSTATED
    same = stated == sha256 and attachment.size in {None, size}
    return Verdict.MATCHES if same else Verdict.DIFFERS
