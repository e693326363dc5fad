"""The GOBL envelope: head, seals, digest and document type. No content raises an error.

We have no keys, so nothing here is verified: a digest matches the head or differs; the content of a signature matches
the head or does not. Source: invopop/gobl (envelope.go, head/, dsig/, c14n/) [D].
"""

import json
import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from jobs.gobl.canonical import Uncertain, canonical, has_fraction
from jobs.jsontext import pointers
from jobs.jsontext.records import Pair, Reading, Record, Unread
from jobs.jsontext.scanner import MANY, kind, trimmed

AT_ONCE = 1_000_000  # bytes, 0.1 s: the digest of a longer document is not computed while reading
MAX_SIGNATURES = 50
MAX_SIGNATURE = 200_000  # characters; a real one has about 600
MAX_STEPS = 64  # steps of a path

_PLACE = "https://gobl.org/"  # schemas are https://gobl.org/draft-0/bill/invoice
_step = re.compile(r"\.?([^.\[\]]+)|\[\s*'([^']*)'\s*\]|\[\s*\"([^\"]*)\"\s*\]|\[\s*([0-9]{1,9})\s*\]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Digest(StrEnum):
    MATCHES = "matches"
    DIFFERS = "differs"
    UNCHECKED = "unchecked"  # a long document: call `checked`
    UNCERTAIN = "uncertain"  # another algorithm, or no certain canonical form
    UNKNOWN = "unknown"  # no digest, or no document


@dataclass(frozen=True, slots=True)
class Stamp:
    """A stamp of an authority: `prv` is its kind, such as "verifactu-qr"; `val` is text, often a URL."""

    prv: str
    val: str


@dataclass(frozen=True, slots=True)
class HeadLink:
    """`url` is unchanged; invopop/file_links.py decides whether it may be a link."""

    key: str = ""
    category: str = ""
    title: str = ""
    description: str = ""
    mime: str = ""
    url: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    uuid: str = ""
    dig_alg: str = ""
    dig_val: str = ""
    stamps: tuple[Stamp, ...] = ()
    links: tuple[HeadLink, ...] = ()
    tags: tuple[str, ...] = ()
    meta: tuple[Pair, ...] = ()
    notes: str = ""
    sender: tuple[str, ...] = ()  # `from`
    receiver: tuple[str, ...] = ()  # `to`
    ignore: tuple[str, ...] = ()  # codes of deliberately suppressed rules
    draft: bool | None = None  # older envelopes only
    other: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """One JWS, decoded but not verified. A match is None if either side has nothing to compare."""

    alg: str = ""
    kid: str = ""
    issued_at: datetime | None = None  # `iat`
    issuer: str = ""
    audience: str = ""
    scope: str = ""
    uuid_matches: bool | None = None
    dig_matches: bool | None = None
    readable: bool = False


@dataclass(frozen=True, slots=True)
class Envelope:
    schema: str = ""
    head: Head = Head()
    signatures: tuple[Signature, ...] = ()
    signature_count: int = 0  # of all; `signatures` has the first fifty
    digest: Digest = Digest.UNKNOWN
    doc_schema: str = ""  # unchanged
    doc_kind: str = ""  # "bill/invoice"; "" without a document
    doc: bytes | None = field(default=None, repr=False)
    size: int = 0  # bytes of the envelope
    is_object: bool = False
    other: tuple[Pair, ...] = ()
    unread: tuple[Unread, ...] = ()

    @property
    def signed(self) -> bool:
        return self.signature_count > 0


def read(raw: bytes | None) -> Envelope:
    """The envelope in these bytes; an empty one for anything else."""
    reading = Reading()
    text = trimmed(raw or b"")
    if kind(text) != "object":
        return Envelope(size=len(raw or b""))
    record = reading.record(text, "")
    head = _head(record.record("head"))
    tokens = record.texts("sigs")
    doc = record.raw("doc")
    doc_schema = reading.record(doc, "/doc").text("$schema") if doc and kind(doc) == "object" else ""
    return Envelope(
        schema=record.text("$schema"),
        head=head,
        signatures=tuple(_signature(token, head) for token in tokens[:MAX_SIGNATURES]),
        signature_count=len(tokens),
        digest=digest(doc, head) if len(doc or b"") <= AT_ONCE else Digest.UNCHECKED,
        doc_schema=doc_schema,
        doc_kind=_short(doc_schema),
        doc=doc,
        size=len(raw or b""),
        is_object=True,
        other=record.other(),
        unread=reading.unread,
    )


def checked(raw: bytes) -> Digest:
    """Checks the digest of an envelope of any length: 0.05 s per megabyte."""
    envelope = read(raw)
    return digest(envelope.doc, envelope.head) if envelope.digest == Digest.UNCHECKED else envelope.digest


def digest(doc: bytes | None, head: Head) -> Digest:
    """Whether the document matches the digest in the head; UNCERTAIN if it has too many values."""
    if doc is None or not head.dig_val:
        return Digest.UNKNOWN
    if head.dig_alg.lower() != "sha256" or doc.count(b",") > MANY:
        return Digest.UNCERTAIN
    try:
        value = sha256(canonical(doc)).hexdigest()
    except Uncertain:
        return Digest.UNCERTAIN
    if value == head.dig_val.lower():
        return Digest.MATCHES
    return Digest.UNCERTAIN if has_fraction(doc) else Digest.DIFFERS


def nearest(envelope: bytes | None, path: str) -> tuple[str | None, bool]:
    """The JSON Pointer of the nearest existing place on a fault's path, and whether its last steps are missing.

    Faults name missing fields: then it is the nearest parent, or None if the envelope has none. Paths have the forms
    "$.doc.customer.tax_id", "$.customer.addresses[0]" (from the document's root), "customer.name",
    "$['doc']['$tags'][0]", or as a pointer; both roots are tried, the envelope's first.
    """
    found, missing = _deepest(envelope, path)
    return found, missing > 0


def _deepest(envelope: bytes | None, path: str) -> tuple[str | None, int]:
    """The deepest existing place on the path, and how many steps are missing below it."""
    steps = _steps(path)
    raw = trimmed(envelope or b"")
    if not steps:
        return None, 0
    roots = ["", "/doc"] if steps[0] in ("doc", "head", "sigs") else ["/doc", ""]
    ways = [_walk(raw, root, steps) for root in roots]
    pointer, missing = min(ways, key=lambda way: way[1])
    return (pointer, missing) if missing < len(steps) else (None, missing)


def _walk(raw: bytes, root: str, steps: list[str]) -> tuple[str, int]:
    """The pointer of the deepest existing place below the root, and how many steps are missing there."""
    above = pointers.tokens(root) or []
    found = max(0, pointers.depth(raw, [*above, *((step, 0) for step in steps)]) - len(above))
    return root + "".join(pointers.joined("", step) for step in steps[:found]), len(steps) - found


def _steps(path: str) -> list[str]:
    text = path.strip()[:2_000]
    if text.startswith("/"):
        return [name for name, _ in (pointers.tokens(text) or [])[:MAX_STEPS]]
    text = text.removeprefix("$")
    return [
        next(filter(None, found.groups()), "") for found, _ in zip(_step.finditer(text), range(MAX_STEPS), strict=False)
    ]


def _head(record: Record) -> Head:
    dig = record.record("dig")
    return Head(
        uuid=record.text("uuid"),
        dig_alg=dig.text("alg"),
        dig_val=dig.text("val"),
        stamps=tuple(map(_stamp, record.records("stamps"))),
        links=tuple(map(_link, record.records("links"))),
        tags=record.texts("tags"),
        meta=record.mapping("meta"),
        notes=record.anything("notes"),
        sender=record.texts("from"),
        receiver=record.texts("to"),
        ignore=record.texts("ignore"),
        draft=record.yes("draft"),
        other=record.other(),
    )


def _stamp(record: Record) -> Stamp:
    """[D] head/stamp.go has `prv` and `val`; one help page has `provider` and `value`."""
    return Stamp(record.text(record.first("prv", "provider")), record.text(record.first("val", "value")))


def _link(record: Record) -> HeadLink:
    return HeadLink(
        key=record.text("key"),
        category=record.text("category"),
        title=record.text("title"),
        description=record.text("description"),
        mime=record.text("mime"),
        url=record.text("url"),
        code=record.text("code"),
    )


def _signature(token: str, head: Head) -> Signature:
    header, payload = _part(token, 0), _part(token, 1)
    if header is None or payload is None:
        return Signature()
    claims = Reading().record(payload, "")
    dig = claims.record("dig")
    names = Reading().record(header, "")
    return Signature(
        alg=names.text("alg"),
        kid=names.text("kid"),
        issued_at=_instant(claims.whole("iat")),
        issuer=claims.text("iss"),
        audience=claims.anything("aud"),
        scope=claims.anything("scope"),
        uuid_matches=_same(claims.text("uuid"), head.uuid),
        dig_matches=_same(dig.text("val"), head.dig_val),
        readable=True,
    )


def _part(token: str, number: int) -> bytes | None:
    """The JSON in one part of a compact JWS."""
    parts = token.split(".") if len(token) <= MAX_SIGNATURE else []
    if len(parts) != 3:
        return None
    try:
        raw = urlsafe_b64decode(parts[number].encode("ascii") + b"==")
        return raw if isinstance(json.loads(raw), dict) else None
    except (ValueError, RecursionError):
        return None


def _instant(seconds: int | None) -> datetime | None:
    if seconds is None or not 0 < seconds < 7_000_000_000:
        return None
    return _EPOCH + timedelta(seconds=seconds)


def _same(one: str, other: str) -> bool | None:
    return one.lower() == other.lower() if one and other else None


def _short(schema: str) -> str:
    """The short form bill/invoice of https://gobl.org/draft-0/bill/invoice; other schemas are unchanged."""
    if not schema.startswith(_PLACE):
        return schema
    path = schema.removeprefix(_PLACE).split("#")[0].split("?")[0]
    return path.partition("/")[2] or path
