"""The contents of a UUID: its version, creation time, kind of machine, and what it probably identifies."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

HEX = "[0-9a-fA-F]"
# Not inside a longer run of letters and digits: part of a hash is not an id.
UUID_TEXT = re.compile(
    rf"(?<![0-9A-Za-z])(?<!{HEX}{{4}}-){HEX}{{8}}-{HEX}{{4}}-{HEX}{{4}}-{HEX}{{4}}-{HEX}{{12}}(?![0-9A-Za-z]|-[0-9A-Za-z])"
)
BARE_UUID = re.compile(rf"\s*\{{?({HEX}{{32}})\}}?\s*")

_GREGORIAN = datetime(1582, 10, 15, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS = range(2000, 2200)


@dataclass(frozen=True, slots=True)
class IdFacts:
    """Facts in a UUID. `probably`: job, job-or-entry, random, named, minted-elsewhere, unknown."""

    version: int | None
    created_at: datetime | None = None  # of versions 1, 6 and 7, if the year is plausible
    node: str = ""  # version 1: "container", "browser", "machine"
    node_id: str = ""  # version 1: twelve digits shared by all ids of a session
    probably: str = "unknown"
    is_job_version: bool = False  # [D] job ids are version 1 or 7


def about(value: str | UUID) -> IdFacts:
    """Facts in the UUID; an invalid one has version None."""
    uuid = parsed(value)
    if uuid is None or uuid.version is None:
        return IdFacts(None)
    return IdFacts(
        version=uuid.version,
        created_at=_made(uuid),
        node=_node(uuid),
        node_id=f"{uuid.node:012x}" if uuid.version == 1 else "",
        probably=_PROBABLY.get(uuid.version, "unknown"),
        is_job_version=uuid.version in (1, 7),
    )


# [D] Folders for parties and items use versions 3, 4 and 5, those for dated documents 1 and 7; workflows use any.
_PROBABLY = {
    1: "job-or-entry",
    3: "named",
    4: "random",
    5: "named",
    6: "minted-elsewhere",
    7: "job-or-entry",
    8: "minted-elsewhere",
}


def parsed(value: str | UUID) -> UUID | None:
    if isinstance(value, UUID):
        return value
    found = UUID_TEXT.fullmatch(value.strip()) or BARE_UUID.fullmatch(value)
    return UUID(found[0].strip()) if found else None


def _made(uuid: UUID) -> datetime | None:
    try:
        if uuid.version == 7:
            at = _EPOCH + timedelta(milliseconds=uuid.int >> 80)
        elif uuid.version in (1, 6):
            at = _GREGORIAN + timedelta(microseconds=_ticks(uuid) // 10)
        else:
            return None
    except OverflowError:
        return None
    return at if at.year in _YEARS else None


def _ticks(uuid: UUID) -> int:
    """Tenths of a microsecond since 1582."""
    if uuid.version == 1:
        return uuid.time
    return (uuid.int >> 96) << 28 | ((uuid.int >> 80) & 0xFFFF) << 12 | ((uuid.int >> 64) & 0x0FFF)


def _node(uuid: UUID) -> str:
    """[I] Docker assigns addresses of the form 02:42:ac…; a multicast bit marks a random node, as browsers use."""
    if uuid.version != 1:
        return ""
    if uuid.node >> 24 == 0x0242AC:
        return "container"
    return "browser" if uuid.node >> 40 & 1 else "machine"
