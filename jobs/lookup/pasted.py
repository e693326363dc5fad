"""Finds references in pasted text: job ids, permalinks, file links, log lines, payloads, keys."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, unquote, urlsplit
from uuid import UUID

from jobs.invopop.key_detection import holds_key
from jobs.invopop.uuids import BARE_UUID, UUID_TEXT, parsed
from jobs.jsontext.scanner import NotJSON, kind, members, string

READ = 10_240  # characters that are parsed, more than a deliberate paste has
MOST = 50  # references returned
KEY = 256  # characters; longer free text is not a key
_url = re.compile(r"https?://[^\s<>\"'|\\^`{}]+", re.IGNORECASE)
_path = re.compile(r"(?<!\S)/(?:teams|jobs|transform|silo)/\S+")
_permalink = re.compile(rf"/teams/(?P<slug>[A-Za-z0-9_-]{{1,100}})/jobs/(?P<uuid>{UUID_TEXT.pattern})(?:/|$)")
_any_team = re.compile(rf"^/jobs/(?P<uuid>{UUID_TEXT.pattern})(?:/|$)")
_console = re.compile(
    rf"^/(?P<slug>[A-Za-z0-9_-]{{1,100}})/silo/(?P<folder>[A-Za-z0-9_.-]{{1,100}})/(?P<uuid>{UUID_TEXT.pattern})"
)
_api = re.compile(rf"/transform/v1/jobs/(?P<uuid>{UUID_TEXT.pattern})")
_api_key = re.compile(r"/transform/v1/jobs/key/(?P<key>[^/?#]+)")
_api_entry = re.compile(rf"/silo/v1/entries/(?P<uuid>{UUID_TEXT.pattern})")
_file = re.compile(r"^/([A-Za-z0-9_-]{22})(?:==)?/([A-Za-z0-9_-]{22})(?:==)?(?:/|$)")
_SILO = re.compile(r"(?:^|\.)silo\.invopop\.com$")
_CONSOLE = re.compile(r"(?:^|\.)console\.invopop\.com$")
# "transform_job_id": "…", job_id=…, job id …, Job <…>, job-…: the text before an id says what the id is.
_called = re.compile(
    r"(?P<name>[A-Za-z_]{2,40}?)(?:[ _]id)?[\"'\\`]{0,3}\s{0,3}[-:=#]?\s{0,3}[\"'\\`<(\[{]{0,3}$", re.IGNORECASE
)
_NAMED = {
    **dict.fromkeys(("transform_job", "job", "jobs"), "job"),
    **dict.fromkeys(("silo_entry", "entry", "entries"), "entry"),
    **dict.fromkeys(("workflow", "step", "intent", "event", "file", "attachment", "workspace", "owner"), "other"),
    **dict.fromkeys(("request", "trace", "span", "correlation", "session", "user", "customer"), "other"),
}
# Chat programs and word processors add invisible characters to a pasted id and turn hyphens into dashes.
_INVISIBLE = dict.fromkeys(
    [0xFEFF, 0x2060, 0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
_DASHES = dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-")


class Kind(StrEnum):
    JOB = "job"  # a UUID named as a job's, or on its own
    ENTRY = "entry"
    KEY = "key"  # free text: an idempotency key, perhaps an invoice number


@dataclass(frozen=True, slots=True)
class Reference:
    """One recognised item. `value`: a UUID in lower case with hyphens, or the text of a key."""

    kind: Kind
    value: str
    slug: str = ""  # our team, from a permalink
    fragment: str = ""  # of the permalink, without "#"
    workspace: str = ""  # Invopop's slug, from a console address
    folder: str = ""  # the silo folder, from a console address
    file: str = ""  # the file's UUID, from a file link
    source: str = "text"  # uuid, permalink, console, file, api, payload, text: for "understood as …"


def read(pasted: str) -> list[Reference]:
    """The references in a pasted text, unique, jobs before entries; free text is one KEY; none for empty text.

    Never raises. Text that contains NUL has no references: no id, key or URL contains one.
    """
    text = pasted[:READ].translate(_INVISIBLE).strip()
    if not text or "\0" in text:
        return []
    plain = text.translate(_DASHES)
    found = _payload(plain) or [*_addresses(plain), *_named(_path.sub(" ", _url.sub(" ", plain)))]
    found = found or [Reference(Kind.KEY, text)]
    return _distinct(reference for reference in found if _is_plausible(reference))[:MOST]


def addresses(pasted: str) -> list[str]:
    """The URLs in a pasted text, unchanged and unique."""
    text = pasted[:READ].translate(_INVISIBLE)
    return list(dict.fromkeys(found[0].rstrip(".,;:!?)]>") for found in _url.finditer(text)))


def job_id(pasted: str) -> UUID | None:
    """The first job id in a pasted text; None if there is none."""
    return next((UUID(reference.value) for reference in read(pasted) if reference.kind == Kind.JOB), None)


def written(references: Sequence[Reference]) -> str:
    """The references as canonical text that `read` parses to the same."""
    return " ".join(map(_written, references))


def _written(reference: Reference) -> str:
    value, place = reference.value, f"/#{reference.fragment}" if reference.fragment else ""
    if reference.kind is Kind.ENTRY:
        return f"entry {value}"
    if reference.kind is Kind.KEY:
        return f"/transform/v1/jobs/key/{quote(value, safe='')}" if reference.source == "api" else value
    if reference.slug:
        return f"/teams/{reference.slug}/jobs/{value}{place or '/'}"
    return f"/jobs/{value}{place}" if place else value


def _payload(text: str) -> list[Reference]:
    """A pasted webhook or job body. [D] A webhook has a transform_job_id beside its own id."""
    if not text.startswith("{"):
        return []
    try:
        values = {name: string(raw) for name, raw in members(text.encode("utf-8", "replace")) if kind(raw) == "string"}
    except NotJSON:
        return []
    is_job = "transform_job_id" not in values and not values.keys().isdisjoint({"workflow_id", "intents"})
    job = parsed(values.get("transform_job_id") or (values.get("id", "") if is_job else ""))
    entry = parsed(values.get("silo_entry_id", ""))
    found = [Reference(Kind.JOB, str(job), source="payload")] if job else []
    return found or ([Reference(Kind.ENTRY, str(entry), source="payload")] if entry else [])


def _addresses(text: str) -> Iterator[Reference]:
    for found in _path.finditer(text):
        yield from _address("https://path.invalid" + found[0])
    for found in _url.finditer(text):
        yield from _address(found[0].rstrip(".,;:!?)]>"))


def _address(url: str) -> Iterator[Reference]:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return
    known = list(_ours(parts.path, parts.fragment) or _theirs(host, parts.path))
    yield from known or _named(unquote(url))


def _ours(path: str, fragment: str) -> list[Reference]:
    if found := _permalink.search(path):
        slug, uuid = found["slug"], found["uuid"].lower()
        return [Reference(Kind.JOB, uuid, slug=slug, fragment=fragment[:200], source="permalink")]
    if found := _any_team.search(path):
        return [Reference(Kind.JOB, found["uuid"].lower(), fragment=fragment[:200], source="permalink")]
    return []


def _theirs(host: str, path: str) -> Iterator[Reference]:
    if _SILO.search(host) and (found := _file.search(path)):
        yield Reference(Kind.ENTRY, _from_base64(found[1]), file=_from_base64(found[2]), source="file")
    elif _CONSOLE.search(host) and (found := _console.search(path)):
        slug, folder, uuid = found["slug"], found["folder"], found["uuid"].lower()
        yield Reference(Kind.ENTRY, uuid, workspace=slug, folder=folder, source="console")
    elif found := _api.search(path):
        yield Reference(Kind.JOB, found["uuid"].lower(), source="api")
    elif found := _api_entry.search(path):
        yield Reference(Kind.ENTRY, found["uuid"].lower(), source="api")
    elif found := _api_key.search(path):
        yield Reference(Kind.KEY, unquote(found["key"]), source="api")


def _named(text: str) -> list[Reference]:
    """Every UUID in a text. One called a job wins; one called a step is the last resort."""
    bare = BARE_UUID.fullmatch(text)
    if bare:
        return [Reference(Kind.JOB, str(UUID(bare[1])), source="uuid")]
    ids = [(found[0].lower(), _named_before(text, found.start())) for found in UUID_TEXT.finditer(text)]
    names = {name for _, name in ids}
    if "job" in names:
        ids = [(uuid, name) for uuid, name in ids if name == "job"]
    elif names - {"other"}:
        ids = [(uuid, name) for uuid, name in ids if name != "other"]
    source = "uuid" if len(text.strip()) <= 47 else "text"
    return [Reference(Kind.ENTRY if name == "entry" else Kind.JOB, uuid, source=source) for uuid, name in ids]


def _named_before(text: str, at: int) -> str:
    found = _called.search(text[max(0, at - 60) : at])
    return _NAMED.get(found["name"].lower(), "") if found else ""


def _distinct(references: Iterable[Reference]) -> list[Reference]:
    """Unique references, keeping the more specific one; jobs first."""
    kept: dict[tuple[Kind, str], Reference] = {}
    for reference in references:
        kept.setdefault((reference.kind, reference.value), reference)
    return sorted(kept.values(), key=lambda reference: reference.kind is not Kind.JOB)


def _is_plausible(reference: Reference) -> bool:
    """False for a key that is a URL, very long or an API key."""
    text = reference.value
    if reference.kind is not Kind.KEY:
        return True
    return len(text) <= KEY and text.isprintable() and not _url.match(text) and not holds_key(text)


def _from_base64(text: str) -> str:
    return str(UUID(bytes=urlsafe_b64decode(text + "==")))
