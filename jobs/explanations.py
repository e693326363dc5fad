"""Why something failed, whose move it is, and whether running it again helps: a catalogue of explanations.

The catalogue is data, `explanations.json`; an operator can put a file of the same form before it. What matches first
counts; what nothing matches is not known here, and then we say nothing rather than guess. Pure Python, no Django.

An entry:

    {"id": "peppol-receiver",
     "match": {"provider": "peppol", "message": "receiver not found"},
     "owner": "customer", "rerun": "useless",
     "title": {"en": "…", "es": "…"}, "cause": {…}, "remedy": {…}, "source": "…"}

`match` is one set of conditions or a list of alternatives. All conditions of a set must hold: `provider` (the action or
its beginning: "peppol" is also "peppol.send"), `code` (the whole of it), `status` (KO, TIMEOUT or ERR where it is not
named), each one word or a list, `*` for anything; `message` (a regular expression, capitals make no difference);
`sandbox` (true or false); `http` (the status of an answer to our own call).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from jobs.catalogue_file import Alternative, CatalogueError, Entry, entries
from jobs.validation import Problem, problems

__all__ = [
    "Catalogue",
    "CatalogueError",
    "Explanation",
    "Owner",
    "Problem",
    "Rerun",
    "built_in",
    "explain",
    "load",
    "problems",
]

BUILT_IN = Path(__file__).with_name("explanations.json")
MESSAGE = 4_000  # characters of a message that are looked at
WORD = 200
FAILURES = ("KO", "TIMEOUT", "ERR")


class Owner(StrEnum):
    """Who can do something about it."""

    DATA = "data"  # whoever writes the document
    CUSTOMER = "customer"
    SUPPLIER = "supplier"  # the issuer
    CONFIG = "config"  # workflow, app or workspace
    AUTHORITY = "authority"
    NETWORK = "network"
    WEBHOOK = "webhook"  # our own endpoint
    INVOPOP = "invopop"
    WAIT = "wait"  # nobody: it takes time
    API = "api"  # how the API is called


class Rerun(StrEnum):
    """What comes of running the workflow again."""

    HELPS = "helps"  # once the cause is gone
    USELESS = "useless"  # the same again, until something is changed
    SAFE_SKIP = "safe-skip"  # what was sent is skipped
    DANGER = "danger"  # it may be issued twice


@dataclass(frozen=True, slots=True)
class Explanation:
    """In one language; texts that the catalogue does not give are empty."""

    id: str
    title: str
    cause: str
    remedy: str
    owner: Owner
    rerun: Rerun
    source: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    entries: tuple[Entry, ...]

    def find(
        self, provider: str, code: str, message: str, status: str = "KO", sandbox: bool | None = None
    ) -> Entry | None:
        """The first entry about a step or a fault that says this. Long texts are looked at up to a limit."""
        said = _Said(provider, code, message, status, sandbox)
        return next((entry for entry in self.entries if any(map(said.fits, entry.alternatives))), None)

    def answer(self, http: int, message: str = "") -> Entry | None:
        """The first entry about an answer of the API to a call of ours."""
        text = message[:MESSAGE]
        return next(
            (entry for entry in self.entries if any(_fits(each, http, text) for each in entry.alternatives)), None
        )


@cache
def built_in() -> Catalogue:
    return load(BUILT_IN)


@cache
def load(*paths: str | Path) -> Catalogue:
    """The entries of these files, the first file first; read once. Raises CatalogueError, which says what is wrong."""
    return Catalogue(tuple(entry for path in paths for entry in entries(Path(path), set(Owner), set(Rerun))))


@cache
def with_extra(path: str) -> Catalogue:
    """The operator's file, if one is named, before our own. Raises CatalogueError."""
    return load(path, BUILT_IN) if path else built_in()


def explain(
    provider: str,
    code: str,
    message: str,
    status: str = "KO",
    sandbox: bool | None = None,
    *,
    language: str = "en",
    catalogue: Catalogue | None = None,
) -> Explanation | None:
    """What is known of a fault, or of an event with this status. None: not known here. Never raises."""
    entry = (catalogue or built_in()).find(provider, code, message, status, sandbox)
    return in_language(entry, language) if entry else None


def in_language(entry: Entry, language: str) -> Explanation:
    return Explanation(
        id=entry.id,
        title=entry.title.in_language(language),
        cause=entry.cause.in_language(language),
        remedy=entry.remedy.in_language(language),
        owner=Owner(entry.owner),
        rerun=Rerun(entry.rerun),
        source=entry.source,
    )


class _Said:
    """What a step or a fault said, cut and folded once for all entries."""

    def __init__(self, provider: str, code: str, message: str, status: str, sandbox: bool | None) -> None:
        self.provider = provider[:WORD].strip().lower()
        self.code = code[:WORD].strip().lower()
        self.message = message[:MESSAGE]
        self.status = status[:WORD].strip().upper()
        self.sandbox = sandbox

    def fits(self, wanted: Alternative) -> bool:
        return (
            wanted.http is None
            and self.status in (wanted.status or FAILURES)
            and (wanted.sandbox is None or wanted.sandbox == self.sandbox)
            and (not wanted.provider or _is_below(self.provider, wanted.provider))
            and (not wanted.code or any(fnmatchcase(self.code, code) for code in wanted.code))
            and (wanted.message is None or wanted.message.search(self.message) is not None)
        )


def _is_below(provider: str, wanted: Iterable[str]) -> bool:
    return any(fnmatchcase(provider, each) or fnmatchcase(provider, f"{each}.*") for each in wanted)


def _fits(wanted: Alternative, http: int, text: str) -> bool:
    return wanted.http == http and (wanted.message is None or wanted.message.search(text) is not None)
