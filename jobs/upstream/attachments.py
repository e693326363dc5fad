"""Verified downloads: a file is compared with the hash and size stated in the job before any byte is sent.

Only URLs of `attachment_hosts` are requested, without the API key and without following redirects.
"""

import errno
import hashlib
import logging
import os
import threading
import weakref
from dataclasses import dataclass
from enum import StrEnum
from tempfile import SpooledTemporaryFile
from typing import IO

from jobs.invopop.client import open_file
from jobs.invopop.errors import APIError
from jobs.invopop.job_payload import Attachment
from jobs.upstream.attachment_hosts import may_fetch, trusted_origins

log = logging.getLogger("jobs.upstream.attachments")
MAX_BYTES = 100_000_000
TOTAL_SECONDS = 60
IN_MEMORY = 2_000_000  # bytes; more is spooled to an unnamed file in the temporary folder
STEP = 8_000_000  # bytes reserved there at a time if the size is unknown
LEAST_FREE = 32_000_000  # bytes that downloads leave free in the temporary folder
AT_A_TIME = threading.BoundedSemaphore(4)  # downloads per process: each holds a request thread


class Verdict(StrEnum):
    MATCHES = "matches"
    DIFFERS = "differs"
    UNSTATED = "unstated"  # the job gives no hash to compare with


class NotFetched(Exception):
    """`why` is one of: "host", "busy", "too large", "no space", or the reason of an APIError."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Slot:
    """One of the download slots. It is released only once, at the latest when it is garbage-collected."""

    def __init__(self) -> None:
        """Raises NotFetched if no slot is free."""
        if not AT_A_TIME.acquire(blocking=False):
            raise NotFetched("busy")
        self._release = weakref.finalize(self, AT_A_TIME.release)
        self._release.atexit = False

    def release(self) -> None:
        self._release()


class Content(SpooledTemporaryFile[bytes]):
    """The file of a download. It holds its slot until it is closed, after the last byte was sent."""

    def __init__(self, slot: Slot | None) -> None:
        super().__init__(IN_MEMORY)
        self._reserved = 0
        self._slot = slot

    def close(self) -> None:
        super().close()
        if self._slot:
            self._slot.release()

    def reserve(self, size: int) -> None:
        """Reserves a total of that many bytes. Raises OSError if there is not enough space."""
        if size <= max(IN_MEMORY, self._reserved):
            return
        self.rollover()
        file = self.fileno()
        free = os.fstatvfs(file)
        if free.f_bavail * free.f_frsize - (size - self._reserved) < LEAST_FREE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file, 0, size)
        self._reserved = size


@dataclass(frozen=True, slots=True)
class Fetched:
    content: IO[bytes]  # positioned at the start
    size: int  # bytes
    sha256: str
    verdict: Verdict


def fetch(attachment: Attachment, *, has_slot: bool = False) -> Fetched:
    """Downloads a file and compares it. The caller closes `content`, and with `has_slot` holds the slot.

    Raises NotFetched.
    """
    if not may_fetch(attachment.url):
        raise NotFetched("host")
    if attachment.size is not None and attachment.size > MAX_BYTES:
        raise NotFetched("too large")
    content = Content(None if has_slot else Slot())
    try:
        return _fetched(attachment, content)
    except BaseException as error:
        content.close()
        match error:
            case APIError():
                raise NotFetched(error.reason) from None
            case OSError():
                log.error("a download has no space in the temporary folder: %s", error.strerror)
                raise NotFetched("no space") from None
        raise


def _fetched(attachment: Attachment, content: Content) -> Fetched:
    """Raises APIError, or OSError if the temporary folder is full."""
    digest, size = hashlib.sha256(), 0
    origins = trusted_origins()
    with open_file(attachment.url, total_seconds=TOTAL_SECONDS, max_bytes=MAX_BYTES, trusted_origins=origins) as file:
        content.reserve(min(MAX_BYTES, file.size or attachment.size or 0))
        for piece in file:
            size += len(piece)
            content.reserve(min(MAX_BYTES, size + STEP) if size > IN_MEMORY else 0)
            digest.update(piece)
            content.write(piece)
    content.truncate()
    content.seek(0)
    return Fetched(content, size, digest.hexdigest(), _verdict(attachment, size, digest.hexdigest()))


def _verdict(attachment: Attachment, size: int, sha256: str) -> Verdict:
    stated = attachment.hash.strip().lower()
    if not stated:
        return Verdict.UNSTATED
    same = stated == sha256 and attachment.size in {None, size}
    return Verdict.MATCHES if same else Verdict.DIFFERS
