"""A file of explanations, read strictly: whoever writes one learns at the start what is wrong, where, and why."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BYTES = 1_000_000
PATTERN = 300  # characters of a regular expression
CONDITIONS = {"provider", "code", "status", "message", "sandbox", "http"}
FIELDS = {"id", "match", "owner", "rerun", "title", "cause", "remedy", "source"}
# A repeat of a repeat, (a+)+, can take for ever on a text that nearly fits.
_nested_repeat = re.compile(r"[*+}]\??\)(?:[*+]|\{\d*,)")


class CatalogueError(ValueError):
    """The message names file, entry and field, and what is expected."""


@dataclass(frozen=True, slots=True)
class Texts:
    by_language: Mapping[str, str]

    def in_language(self, language: str) -> str:
        """ "es" for "es-mx"; English, or else any, where the language is missing."""
        texts = self.by_language
        return texts.get(language) or texts.get(language[:2]) or texts.get("en") or next(iter(texts.values()), "")


@dataclass(frozen=True, slots=True)
class Alternative:
    """Conditions that must all hold; an empty one always does. Providers and codes in small letters, statuses not."""

    provider: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    message: re.Pattern[str] | None = None
    sandbox: bool | None = None
    http: int | None = None


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


def entries(path: Path, owners: Collection[str], reruns: Collection[str]) -> Iterator[Entry]:
    """Raises CatalogueError for a file that cannot be read and for the first entry that is wrong."""
    seen: set[str] = set()
    for number, told in enumerate(_read(path), 1):
        place = _Place(path, number, told)
        entry = place.entry(owners, reruns)
        if entry.id in seen:
            raise place.bad("id", "an id that no entry above has")
        seen.add(entry.id)
        yield entry


def _read(path: Path) -> list[Any]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CatalogueError(f"{path}: cannot be read ({error.strerror}).") from None
    if len(data) > BYTES:
        raise CatalogueError(f"{path}: expected at most {BYTES} bytes.")
    try:
        told = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise CatalogueError(f"{path}: expected JSON ({error}).") from None
    if not isinstance(told, list):
        raise CatalogueError(f"{path}: expected a list of entries.")
    return told


class _Place:
    """One entry of a file, to read it and to say where it is wrong."""

    def __init__(self, path: Path, number: int, told: Any) -> None:
        self.path, self.number, self.told = path, number, told

    def bad(self, field: str, expected: str) -> CatalogueError:
        name = self.told.get("id") if isinstance(self.told, dict) else None
        entry = f"entry {self.number}" + (f" ({name})" if isinstance(name, str) else "")
        return CatalogueError(f"{self.path}: {entry}, {field}: expected {expected}.")

    def entry(self, owners: Collection[str], reruns: Collection[str]) -> Entry:
        if not isinstance(self.told, dict):
            raise self.bad("entry", "an object")
        if unknown := set(self.told) - FIELDS:
            raise self.bad(min(unknown), "no such field, only " + ", ".join(sorted(FIELDS)))
        return Entry(
            id=self._text("id", required=True),
            alternatives=self._alternatives(),
            owner=self._choice("owner", owners),
            rerun=self._choice("rerun", reruns),
            title=self._texts("title", required=True),
            cause=self._texts("cause"),
            remedy=self._texts("remedy"),
            source=self._text("source"),
        )

    def _text(self, field: str, *, required: bool = False) -> str:
        value = self.told.get(field, "")
        if not isinstance(value, str) or (required and not value.strip()):
            raise self.bad(field, "a text")
        return value

    def _choice(self, field: str, words: Collection[str]) -> str:
        value = self.told.get(field)
        if value not in words:
            raise self.bad(field, "one of " + ", ".join(sorted(map(str, words))))
        return str(value)

    def _texts(self, field: str, *, required: bool = False) -> Texts:
        """A text, or an object of texts by language."""
        value = self.told.get(field, {})
        texts = {"en": value} if isinstance(value, str) else value
        if not isinstance(texts, dict) or not all(isinstance(text, str) and text for text in texts.values()):
            raise self.bad(field, 'a text or an object such as {"en": "…", "es": "…"}')
        if required and not texts:
            raise self.bad(field, "a text in one language at least")
        return Texts(texts)

    def _alternatives(self) -> tuple[Alternative, ...]:
        match = self.told.get("match")
        told = match if isinstance(match, list) else [match]
        if not told or not all(isinstance(each, dict) and each for each in told):
            raise self.bad("match", "an object with one condition at least, or a list of such objects")
        return tuple(map(self._alternative, told))

    def _alternative(self, told: dict[str, Any]) -> Alternative:
        if unknown := set(told) - CONDITIONS:
            raise self.bad(f"match.{min(unknown)}", "no such condition, only " + ", ".join(sorted(CONDITIONS)))
        return Alternative(
            provider=tuple(word.lower() for word in self._words(told, "provider")),
            code=tuple(word.lower() for word in self._words(told, "code")),
            status=tuple(word.upper() for word in self._words(told, "status")),
            message=self._pattern(told),
            sandbox=self._given(told, "sandbox", bool, "true or false"),
            http=self._given(told, "http", int, "a whole number"),
        )

    def _words(self, told: dict[str, Any], field: str) -> list[str]:
        value = told.get(field, [])
        words = [value] if isinstance(value, str) else value
        if not isinstance(words, list) or not all(isinstance(word, str) and word.strip() for word in words):
            raise self.bad(f"match.{field}", "a word or a list of words")
        return words

    def _given(self, told: dict[str, Any], field: str, kind: type, expected: str) -> Any:
        value = told.get(field)
        if value is not None and type(value) is not kind:
            raise self.bad(f"match.{field}", expected)
        return value

    def _pattern(self, told: dict[str, Any]) -> re.Pattern[str] | None:
        text = told.get("message")
        if text is None:
            return None
        if not isinstance(text, str) or not text or len(text) > PATTERN or _nested_repeat.search(text):
            raise self.bad(
                "match.message", f"a regular expression of at most {PATTERN} characters, without repeats of repeats"
            )
        try:
            return re.compile(text, re.IGNORECASE)
        except (re.error, RecursionError, OverflowError) as error:
            raise self.bad("match.message", f"a regular expression ({error})") from None
