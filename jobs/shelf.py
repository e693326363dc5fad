"""A job's files for a person: by what support looks for, each with what may be done with it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from jobs import attachments, wording
from jobs.anchors import Anchors
from jobs.clipping import Scissors, Text
from jobs.invopop import files
from jobs.invopop.files import Link, Refusal
from jobs.invopop.payload import Attachment
from jobs.moments import Stamp, stamp
from jobs.steps import NamedText, named
from jobs.wording import Label

META_SHOWN = 6


@dataclass(frozen=True, slots=True)
class File:
    anchor: str
    id: str  # as it came: part of the download's address; "" where it cannot be one
    shown_id: Text
    name: Text
    description: Text
    kind: str  # names its icon
    kind_label: Label
    mime: Text
    size: str
    bytes: int | None
    hash: Text
    link: Link | None
    no_link: Label  # why there is no link
    address: Text  # the refused address, as text
    may_download: bool  # the server may fetch and check it
    hash_differs: bool  # the hash does not begin as the address says
    key: Text
    category: Text
    created_at: Stamp | None
    private: bool | None
    stored: bool | None
    meta: tuple[NamedText, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    word: str
    label: Label
    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    groups: tuple[Group, ...] = ()
    count: int = 0
    left_out: int = 0


def shelf(given: tuple[Attachment, ...], most: int, scissors: Scissors, anchors: Anchors) -> Shelf:
    """The first of them in the API's order, then grouped."""
    made = {id(each): _file(each, at, scissors, anchors) for at, each in enumerate(given[:most])}
    groups = tuple(_groups(given[:most], made))
    return Shelf(groups, len(given), max(0, len(given) - most))


def _groups(given: tuple[Attachment, ...], made: dict[int, File]) -> Iterable[Group]:
    for group, members in files.grouped(given):
        yield Group(str(group), wording.GROUPS[str(group)], tuple(made[id(each)] for each in members))


def _file(given: Attachment, position: int, scissors: Scissors, anchors: Anchors) -> File:
    link = files.link(given.url, _origins())
    return File(
        anchor=anchors.attachment(given.id, position),
        id=given.id if _is_addressable(given.id) else "",
        shown_id=scissors.name(given.id),
        name=scissors.name(given.name or given.key or given.id),
        description=scissors.text(given.desc, 300),
        kind=files.kind(given),
        kind_label=wording.KINDS[files.kind(given)],
        mime=scissors.text(given.mime, 80),
        size=wording.size(given.size),
        bytes=given.size,
        hash=scissors.text(given.hash, 128),
        link=link if isinstance(link, Link) else None,
        no_link=wording.REFUSED_LINKS[str(link.reason)] if isinstance(link, Refusal) else "",
        address=scissors.text(given.url if isinstance(link, Refusal) else "", 300),
        may_download=_is_addressable(given.id) and attachments.may_fetch(given.url),
        hash_differs=files.hash_matches_link(given) is False,
        key=scissors.name(given.key),
        category=scissors.name(given.category),
        created_at=stamp(given.created_at),
        private=given.private,
        stored=given.stored,
        meta=named((*given.meta, *given.other), scissors, META_SHOWN),
    )


def _is_addressable(file_id: str) -> bool:
    return 0 < len(file_id) <= 200 and "/" not in file_id and file_id not in {".", ".."}


def _origins() -> tuple[str, ...]:
    return (settings.INVOPOP_API_URL,) if settings.PLAIN_HTTP else ()
