"""A job's files: whether a URL may be a link, what the URL contains, the kind of file.

The public URL of a file is a capability: anyone who has it can read the file. Never log one.
[W] https://silo.invopop.com/<base64url of the entry's UUID>/<base64url of the file's>/<name>?h=<start of the SHA-256>
"""

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs, quote, unquote, urlsplit
from uuid import UUID

from jobs.invopop.job_payload import Attachment

LONGEST = 4_096  # characters of a URL

_label = r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)"
# The last label is a word: browsers take a host that ends in a number for an IPv4 address, in any notation.
_host = re.compile(rf"(?:{_label}\.)+(?:[A-Za-z]{{2,63}}|xn--[A-Za-z0-9-]{{2,59}})\.?")
_unfit = re.compile(r"[\x00-\x20\x7f-\xa0\\\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffd\u2400]")
_silo_path = re.compile(r"/([A-Za-z0-9_-]{22})/([A-Za-z0-9_-]{22})(?:/([^/]*))?")
_hash = re.compile(r"[0-9a-fA-F]{8,64}")
_SAFE = "%/:?#[]@!$&'()*+,;=~-._"


class Reason(StrEnum):
    """Why a URL is shown as text."""

    EMPTY = "empty"
    TOO_LONG = "too long"
    CHARACTERS = "characters"  # surrounding spaces, controls, backslashes, invisible characters
    SCHEME = "scheme"  # anything but https
    HOST = "host"  # missing, an IP address, or a name without a dot
    USERINFO = "userinfo"  # a name or password before the host
    PORT = "port"


class Group(StrEnum):
    """Groups in the order support needs them. Categories: [D] client.go, silo attachments."""

    DOCUMENT = "document"  # category format
    SENT = "sent"  # request: what was sent to the authority
    RECEIVED = "received"  # response: what was received
    AGREEMENTS = "agreements"  # agreement, verification: identity documents
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Link:
    """A URL quoted for an href; `host` is shown beside it."""

    href: str
    host: str


@dataclass(frozen=True, slots=True)
class Refusal:
    reason: Reason


@dataclass(frozen=True, slots=True)
class SiloFile:
    """Parts of a public file URL: UUIDs of entry and file, the name, the first digits of the SHA-256."""

    entry: str
    file: str
    name: str = ""
    hash_prefix: str = ""


_GROUPS = {
    "format": Group.DOCUMENT,
    "request": Group.SENT,
    "response": Group.RECEIVED,
    "agreement": Group.AGREEMENTS,
    "verification": Group.AGREEMENTS,
}
# MIME type → (kind for the icon, extension). Files that a browser would run get an extension that is safe.
_TYPES = {
    "application/pdf": ("pdf", "pdf"),
    "application/xml": ("xml", "xml"),
    "text/xml": ("xml", "xml"),
    "application/json": ("json", "json"),
    "text/json": ("json", "json"),
    "image/png": ("image", "png"),
    "image/jpeg": ("image", "jpg"),
    "image/gif": ("image", "gif"),
    "image/webp": ("image", "webp"),
    "image/svg+xml": ("image", "svg.txt"),
    "text/html": ("page", "html.txt"),
    "application/xhtml+xml": ("page", "html.txt"),
    "text/plain": ("text", "txt"),
    "text/csv": ("table", "csv"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ("table", "xlsx"),
    "application/vnd.oasis.opendocument.spreadsheet": ("table", "ods"),
    "application/zip": ("archive", "zip"),
    "application/gzip": ("archive", "gz"),
    "application/pkcs7-mime": ("signed", "p7m"),
    "application/x-pkcs7-mime": ("signed", "p7m"),
}
_BY_NAME = {"pdf": "application/pdf", "xml": "application/xml", "json": "application/json", "csv": "text/csv"} | {
    "p7m": "application/pkcs7-mime",
    "zip": "application/zip",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "txt": "text/plain",
    "html": "text/html",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def link(url: str, origins: Iterable[str] = ()) -> Link | Refusal:
    """A link, or the reason why the URL must not be one: it needs https, a public host name, and no credentials.

    `origins` are allowed with any scheme, host and port, such as "http://127.0.0.1:8002" for a trial.
    """
    if not url or len(url) > LONGEST or _unfit.search(url):
        return Refusal(_misshapen(url))
    try:
        parts = urlsplit(url)
        host, port, user = parts.hostname or "", parts.port, "@" in parts.netloc
    except ValueError:
        return Refusal(Reason.HOST)
    is_ours = f"{parts.scheme}://{parts.netloc}" in set(origins)
    reason = None if is_ours and not user else _fault(parts.scheme, host, port, user)
    return (
        Refusal(reason) if reason else Link(quote(url, safe=_SAFE), host if port in (None, 443) else f"{host}:{port}")
    )


def silo(url: str) -> SiloFile | None:
    """The entry and file of a public file URL, on any host; None for other URLs."""
    try:
        parts = urlsplit(url[:LONGEST])
        found = _silo_path.fullmatch(parts.path)
        prefix = (parse_qs(parts.query, max_num_fields=20).get("h") or [""])[0]
    except ValueError:
        return None
    if not found:
        return None
    return SiloFile(
        _uuid(found[1]), _uuid(found[2]), unquote(found[3] or ""), prefix.lower() if _hash.fullmatch(prefix) else ""
    )


def hash_matches_link(attachment: Attachment) -> bool | None:
    """Whether the job's hash starts with the digits in the URL; None if one of them is missing."""
    found = silo(attachment.url)
    if not found or not found.hash_prefix or not _hash.fullmatch(attachment.hash):
        return None
    return attachment.hash.lower().startswith(found.hash_prefix)


def group(category: str) -> Group:
    return _GROUPS.get(category.strip().lower(), Group.OTHER)


def grouped(attachments: Iterable[Attachment]) -> list[tuple[Group, list[Attachment]]]:
    """The files by group, in order, without empty groups."""
    held: dict[Group, list[Attachment]] = {each: [] for each in Group}
    for attachment in attachments:
        held[group(attachment.category)].append(attachment)
    return [(each, files) for each, files in held.items() if files]


def kind(attachment: Attachment) -> str:
    """For the icon: pdf, xml, json, image, page, text, table, archive, signed or file."""
    return _type(attachment)[0]


def extension(attachment: Attachment) -> str:
    """A safe extension: one that a browser would run is followed by another."""
    return _type(attachment)[1]


def _misshapen(url: str) -> Reason:
    if not url.strip():
        return Reason.EMPTY
    return Reason.TOO_LONG if len(url) > LONGEST else Reason.CHARACTERS


def _fault(scheme: str, host: str, port: int | None, user: bool) -> Reason | None:
    if scheme != "https":
        return Reason.SCHEME
    if user:
        return Reason.USERINFO
    if not _host.fullmatch(host):
        return Reason.HOST
    return Reason.PORT if port == 0 else None


def _uuid(text: str) -> str:
    return str(UUID(bytes=urlsafe_b64decode(text + "==")))


def _type(attachment: Attachment) -> tuple[str, str]:
    mime = attachment.mime.partition(";")[0].strip().lower()
    if mime not in _TYPES:
        mime = _BY_NAME.get(attachment.name.rpartition(".")[2].lower(), "")
    return _TYPES.get(mime, ("file", "bin"))
