"""UUIDs that are deterministic for a story and contain the right time: versions 1, 4, 5 and 7."""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID, uuid5

_GREGORIAN = datetime(1582, 10, 15, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_B = (1 << 62) - 1


def v1(at: datetime, seed: str) -> UUID:
    """A UUID of that instant. By the seed, the node is random (with the multicast bit) or a container's."""
    ticks = (at - _GREGORIAN) // timedelta(microseconds=1) * 10
    digest = hashlib.sha256(seed.encode()).digest()
    node = b"\x02\x42\xac" + digest[3:6] if seed.startswith("container:") else bytes([digest[0] | 1]) + digest[1:6]
    sequence = int.from_bytes(digest[6:8], "big") & 0x3FFF
    low, middle, high = ticks & 0xFFFFFFFF, (ticks >> 32) & 0xFFFF, (ticks >> 48) & 0x0FFF
    fields = (low, middle, high | 0x1000, (sequence >> 8) | 0x80, sequence & 0xFF, int.from_bytes(node, "big"))
    return UUID(fields=fields)


def v4(seed: str) -> UUID:
    return UUID(bytes=hashlib.sha256(seed.encode()).digest()[:16], version=4)


def v7(at: datetime, seed: str, counter: int = 0) -> UUID:
    """The last 62 bits depend only on the seed, so that an id is recognised whenever it was made."""
    milliseconds = (at - _EPOCH) // timedelta(milliseconds=1)
    digest = hashlib.sha256(f"sequence:{seed}".encode()).digest()
    sequence = (int.from_bytes(digest[:2], "big") + counter) & 0xFFF
    return UUID(int=milliseconds << 80 | 0x7 << 76 | sequence << 64 | 0b10 << 62 | seal(seed))


def minted(version: int, at: datetime, seed: str) -> UUID:
    """An id of that version; version 4 contains no time."""
    return {1: lambda: v1(at, seed), 4: lambda: v4(seed), 7: lambda: v7(at, seed)}[version]()


def named(namespace: UUID, name: str) -> UUID:
    return uuid5(namespace, name)


def seal(seed: str) -> int:
    """The 62 bits of a v7 id that depend only on its seed."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big") & _B


def seal_of(found: UUID) -> int | None:
    """The same bits of an existing id; None if it is not v7."""
    return found.int & _B if found.version == 7 and found.variant == RFC_4122 else None


def time_of(found: UUID) -> datetime:
    """When a v7 or v1 id was made."""
    if found.version == 7:
        return _EPOCH + timedelta(milliseconds=found.int >> 80)
    return _GREGORIAN + timedelta(microseconds=found.time // 10)


def short(found: UUID) -> str:
    """The 22 characters that identify entries and files in file links.  # [W]"""
    return urlsafe_b64encode(found.bytes).decode().rstrip("=")


def unshort(text: str) -> UUID:
    """Raises ValueError for anything but 22 such characters."""
    if len(text) != 22:
        raise ValueError("not a short id")
    return UUID(bytes=urlsafe_b64decode(text + "=="))
