"""Reads the body of a response within its limits."""

import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import requests

from jobs.invopop import responses
from jobs.invopop.errors import Unavailable, Unusable
from jobs.invopop.transport import Allowance

PIECE = 16_384  # bytes read at a time


def read(response: requests.Response, allowance: Allowance) -> bytes:
    """The body of a successful response. Raises errors.APIError, or a library error if the connection breaks."""
    limits, status, fields = allowance.limits, response.status_code, headers(response)
    if not responses.has_body(status):
        error = b"".join(_some(pieces(response, limits.error, allowance)))
        raise responses.error(status, fields, error, datetime.now(UTC))
    if (stated_length(fields) or 0) > limits.wire:
        raise Unusable("too large")
    body = _unpacked(pieces(response, limits.wire, allowance), fields.get("content-encoding", ""), limits.decoded)
    return responses.read(status, fields, body, datetime.now(UTC))


def pieces(response: requests.Response, most: int, allowance: Allowance) -> Iterator[bytes]:
    """The raw bytes, not decoded. Raises Unusable past `most` bytes, Unavailable past the time limit."""
    received = 0
    for piece in response.raw.stream(PIECE, decode_content=False):
        received += len(piece)
        if received > most:
            raise Unusable("too large")
        if allowance.expired:
            raise Unavailable("timeout")
        yield piece


def headers(response: requests.Response) -> dict[str, str]:
    """Names in lower case; the values of a repeated header are joined by a comma."""
    return {name.lower(): value for name, value in response.headers.items()}


def stated_length(fields: Mapping[str, str]) -> int | None:
    """The Content-Length. At most twenty digits are read: int() rejects thousands."""
    text = fields.get("content-length", "").strip()
    return int(text[:20]) if text.isascii() and text.isdigit() else None


def _some(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The part of an error's body that arrives: the status is known, so a broken body does not matter."""
    try:
        yield from pieces
    except Exception:  # noqa: BLE001
        return


def _unpacked(pieces: Iterator[bytes], encoding: str, most: int) -> bytes:
    """At most one layer of gzip or deflate, and at most `most` bytes."""
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"}:
        return b"".join(pieces)
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise Unusable("unknown encoding")
    try:
        return b"".join(_inflated(pieces, most))
    except zlib.error:
        raise Unusable("broken encoding") from None


def _inflated(pieces: Iterator[bytes], most: int) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(wbits=47)  # gzip or zlib, by the header
    left = most
    for piece in pieces:
        if unpacker.eof:
            raise Unusable("broken encoding")  # a second member, or other bytes after the first
        inflated = unpacker.decompress(piece, left + 1)
        left -= len(inflated)
        if left < 0:
            raise Unusable("too large")
        yield inflated
    if not unpacker.eof or unpacker.unused_data:
        raise Unusable("broken encoding")
