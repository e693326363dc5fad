"""An explanations file, parsed strictly: errors name the place and the reason."""

import fnmatch
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from jobs.diagnosis import pattern_safety
from jobs.diagnosis.failure_table import Meaning

BYTES = 1_000_000
MESSAGE = 2_000  # characters of a message that are matched
PATTERN = 300  # characters of a regular expression

# Not Meta(pattern=…), which sometimes corrupts memory in msgspec 0.22.
Filled = Annotated[str, Meta(min_length=1)]
Words = Filled | list[Filled]
Text = Filled | dict[str, Filled]
Status = Annotated[int, Meta(ge=100, le=599)]


class CatalogueError(ValueError):
    """The message names file, entry and field, and what is expected."""


@dataclass(frozen=True, slots=True)
class Texts:
    by_language: Mapping[str, str]

    def in_language(self, language: str) -> str:
        """The text in a language, "es" for "es-mx"; falls back to English, then to any language."""
        texts = self.by_language
        return texts.get(language) or texts.get(language[:2]) or texts.get("en") or next(iter(texts.values()), "")


@dataclass(frozen=True, slots=True)
class Alternative:
    """Conditions that must all hold; an empty one always does. Providers and codes are in lower case."""

    provider: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    message: re.Pattern[str] | None = None
    sandbox: bool | None = None
    http: int | None = None
    means: tuple[Meaning, ...] = ()

    @property
    def count(self) -> int:
        """The number of conditions about what is said; `means` only confirms them."""
        words = (self.provider, self.code, self.status)
        others = (self.message, self.sandbox, self.http)
        return sum(map(bool, words)) + sum(other is not None for other in others)

    @property
    def names_a_code(self) -> bool:
        """Whether it names specific codes, not only a family such as "GOBL-*"."""
        return bool(self.code) and not any(set(code) & set("*?[") for code in self.code)


@dataclass(frozen=True, slots=True)
class Entry:
    id: str
    alternatives: tuple[Alternative, ...]
    owner: str
    rerun: str
    title: Texts
    cause: Texts
    remedy: Texts
    source: str
    is_transport: bool = False  # about the connection, whatever was sent over it
    is_of_document: bool = False  # about a document that is sent, not about a cancellation or registration


class _Conditions(Struct, frozen=True, forbid_unknown_fields=True):
    provider: Words = ""
    code: Words = ""
    status: Words = ""
    message: Annotated[str, Meta(min_length=1, max_length=PATTERN)] | None = None
    sandbox: bool | None = None
    http: Status | None = None
    means: Meaning | list[Meaning] = []

    def __post_init__(self) -> None:
        given = (self.provider, self.code, self.status, self.message, self.means)
        if not any(given) and self.sandbox is None and self.http is None:
            raise ValueError("Expected one condition at least")
        for field in ("provider", "code", "status"):
            if not all(word.strip() for word in _words(getattr(self, field))):
                raise ValueError(f"Expected `{field}` to be a word or a list of words")
        if self.message is not None:
            _compiled(self.message)

    def alternative(self) -> Alternative:
        return Alternative(
            provider=tuple(word.lower() for word in _words(self.provider)),
            code=tuple(word.lower() for word in _words(self.code)),
            status=tuple(word.upper() for word in _words(self.status)),
            message=None if self.message is None else _compiled(self.message),
            sandbox=self.sandbox,
            http=self.http,
            means=tuple(self.means) if isinstance(self.means, list) else (self.means,),
        )


class _Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """An entry as it is in the file."""

    id: Filled
    match: _Conditions | Annotated[list[_Conditions], Meta(min_length=1)]
    owner: str
    rerun: str
    title: Filled | Annotated[dict[str, Filled], Meta(min_length=1)]
    cause: Text = ""
    remedy: Text = ""
    source: str = ""
    kind: Literal["", "transport", "document"] = ""

    def __post_init__(self) -> None:
        if not self.id.strip():
            raise ValueError("Expected `id` to be a text")

    def entry(self) -> Entry:
        conditions = self.match if isinstance(self.match, list) else [self.match]
        return Entry(
            id=self.id,
            alternatives=tuple(each.alternative() for each in conditions),
            owner=self.owner,
            rerun=self.rerun,
            title=_texts(self.title),
            cause=_texts(self.cause),
            remedy=_texts(self.remedy),
            source=self.source,
            is_transport=self.kind == "transport",
            is_of_document=self.kind == "document",
        )


class _Named(Struct):
    """An invalid entry, parsed just enough to name it."""

    id: object = None


def entries(path: Path, owners: Collection[str], reruns: Collection[str]) -> Iterator[Entry]:
    """Raises CatalogueError for an unreadable file and for the first invalid entry."""
    seen: set[str] = set()
    for number, raw in enumerate(_read(path), 1):
        decoded = _decoded(path, number, raw)
        for field, value, allowed in (("owner", decoded.owner, owners), ("rerun", decoded.rerun, reruns)):
            if value not in allowed:
                raise _bad(path, number, decoded.id, field, "Expected one of " + ", ".join(sorted(map(str, allowed))))
        if decoded.id in seen:
            raise _bad(path, number, decoded.id, "id", "Expected an id that no entry above has")
        seen.add(decoded.id)
        yield decoded.entry()


def _read(path: Path) -> list[msgspec.Raw]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CatalogueError(f"{path}: cannot be read ({error.strerror}).") from None
    if len(data) > BYTES:
        raise CatalogueError(f"{path}: expected at most {BYTES} bytes.")
    try:
        return msgspec.json.decode(data, type=list[msgspec.Raw])
    except msgspec.ValidationError:
        raise CatalogueError(f"{path}: expected a list of entries.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CatalogueError(f"{path}: expected JSON ({error}).") from None


# How msgspec, or we, name a field below the place of the error.
_field_named = re.compile(r"(?:unknown|required) field `(\w+)`|\AExpected `(\w+)` to (?:be|match)")


def _decoded(path: Path, number: int, raw: msgspec.Raw) -> _Entry:
    try:
        return msgspec.json.decode(raw, type=_Entry)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        reason, _, where = str(error).partition(" - at `$")
        field = where.removesuffix("`").removeprefix(".")
        named = _field_named.search(reason)
        field = ".".join(filter(None, (field, (named[1] or named[2]) if named else ""))) or "entry"
        raise _bad(path, number, _name(raw), field, reason) from None


def _name(raw: msgspec.Raw) -> object:
    try:
        return msgspec.json.decode(raw, type=_Named).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _bad(path: Path, number: int, name: object, field: str, reason: str) -> CatalogueError:
    entry = f"entry {number}" + (f" ({name})" if isinstance(name, str) else "")
    return CatalogueError(f"{path}: {entry}, {field}: {reason}.")


def _words(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []


def _texts(value: str | dict[str, str]) -> Texts:
    return Texts(value if isinstance(value, dict) else {"en": value} if value else {})


def _compiled(pattern: str) -> re.Pattern[str]:
    """Raises ValueError, which states what is expected."""
    try:
        if not pattern_safety.is_affordable(pattern, MESSAGE):
            raise ValueError(
                'Expected `message` to be simpler: one ".*" at most, no repeats of repeats; ".{0,80}" is fine'
            )
        return re.compile(pattern, re.IGNORECASE)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"Expected `message` to be a regular expression ({error})") from None


def below(words: Collection[str]) -> re.Pattern[str]:
    """Matches the actions named and those below them: "peppol" and "peppol.send"; `*` matches anything."""
    return re.compile("|".join(f"{fnmatch.translate(word)}|{fnmatch.translate(word + '.*')}" for word in words))
