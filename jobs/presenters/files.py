"""A job's files: grouped for support, with the actions each allows."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from jobs import formatting
from jobs.invopop import file_links
from jobs.invopop.file_links import Link, Refusal
from jobs.invopop.job_payload import Attachment
from jobs.presenters import labels
from jobs.presenters.anchors import Anchors
from jobs.presenters.labels import Label
from jobs.presenters.steps import NamedText, named
from jobs.presenters.text_budget import Text, TextBudget
from jobs.presenters.timestamps import Timestamp, timestamp
from jobs.upstream.attachment_hosts import may_fetch

META_SHOWN = 6  # beside the name; the details have all
MOST_SHOWN = 200
AT_HAND = ("pdf", "xml")  # kinds linked from the top of the page


@dataclass(frozen=True, slots=True)
class File:
    anchor: str
    id: str  # unchanged, for the download's URL; "" if it cannot be part of one
    shown_id: Text
    name: Text
    description: Text
    kind: str  # the name of its icon
    kind_label: Label
    mime: Text
    size: str
    bytes: int | None
    hash: Text
    link: Link | None
    no_link: Label  # why there is no link
    address: Text  # the refused address, as text
    may_download: bool  # the server may fetch and check it
    hash_differs: bool  # from the beginning of the hash in the URL
    key: Text
    category: Text
    created_at: Timestamp | None
    private: bool | None
    stored: bool | None
    meta: tuple[NamedText, ...] = ()
    details: tuple[NamedText, ...] = ()  # everything the API states, unchanged


@dataclass(frozen=True, slots=True)
class Group:
    word: str
    label: Label
    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class Files:
    groups: tuple[Group, ...] = ()
    count: int = 0
    left_out: int = 0

    @property
    def is_many(self) -> bool:
        return self.count > 1

    @property
    def may_download_all(self) -> bool:
        return any(file.may_download for group in self.groups for file in group.files)

    @property
    def at_hand(self) -> tuple[File, ...]:
        """The first PDF and XML; the document's own before those sent and received."""
        files = [file for group in self.groups for file in group.files if file.may_download or file.link]
        found = (next((file for file in files if file.kind == kind), None) for kind in AT_HAND)
        return tuple(filter(None, found))


def files(given: tuple[Attachment, ...], most: int, text_budget: TextBudget, anchors: Anchors) -> Files:
    """Limited in the API's order, then grouped."""
    made = {id(each): _file(each, at, text_budget, anchors) for at, each in enumerate(given[:most])}
    groups = tuple(_groups(given[:most], made))
    return Files(groups, len(given), max(0, len(given) - most))


def _groups(given: tuple[Attachment, ...], made: dict[int, File]) -> Iterable[Group]:
    for group, members in file_links.grouped(given):
        yield Group(str(group), labels.GROUPS[str(group)], tuple(made[id(each)] for each in members))


def _file(given: Attachment, position: int, text_budget: TextBudget, anchors: Anchors) -> File:
    origins = (settings.INVOPOP_API_URL,) if settings.PLAIN_HTTP else ()
    link = file_links.link(given.url, origins)
    return File(
        anchor=anchors.attachment(given.id, position),
        id=given.id if _is_addressable(given.id) else "",
        shown_id=text_budget.name(given.id),
        name=text_budget.name(given.name or given.key or given.id),
        description=text_budget.text(given.desc, 300),
        kind=file_links.kind(given),
        kind_label=labels.KINDS[file_links.kind(given)],
        mime=text_budget.text(given.mime, 80),
        size=formatting.size(given.size),
        bytes=given.size,
        hash=text_budget.text(given.hash, 128),
        link=link if isinstance(link, Link) else None,
        no_link=labels.REFUSED_LINKS[str(link.reason)] if isinstance(link, Refusal) else "",
        address=text_budget.text(given.url if isinstance(link, Refusal) else "", 300),
        may_download=_is_addressable(given.id) and may_fetch(given.url),
        hash_differs=file_links.hash_matches_link(given) is False,
        key=text_budget.name(given.key),
        category=text_budget.name(given.category),
        created_at=timestamp(given.created_at),
        private=given.private,
        stored=given.stored,
        meta=named((*given.meta, *given.other), text_budget, META_SHOWN),
        details=_details(given, text_budget),
    )


def _details(given: Attachment, text_budget: TextBudget) -> tuple[NamedText, ...]:
    fields = {
        "id": given.id,
        "key": given.key,
        "category": given.category,
        "mime": given.mime,
        "size": "" if given.size is None else str(given.size),
        "hash": given.hash,
        "url": given.url,
    }
    details = [NamedText(Text(name), text_budget.text(value, 1_000)) for name, value in fields.items() if value]
    return (*details, *named((*given.meta, *given.other), text_budget, MOST_SHOWN))


def _is_addressable(file_id: str) -> bool:
    return 0 < len(file_id) <= 200 and "/" not in file_id and file_id not in {".", ".."}
