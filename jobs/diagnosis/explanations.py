"""Why something failed, who must act, and whether rerunning helps: a catalogue of explanations.

The catalogue is data, `explanations.json`; an operator's file of the same form can precede it. A failure without a
match has no explanation: we do not guess. Pure Python, no Django.

An entry:

    {"id": "peppol-receiver",
     "match": {"provider": "peppol", "message": "receiver not found"},
     "owner": "customer", "rerun": "useless",
     "title": {"en": "…", "es": "…"}, "cause": {…}, "remedy": {…}, "source": "…"}

`match` is one set of conditions or a list of alternatives. All conditions of a set must hold: `provider` (the action or
its beginning: "peppol" is also "peppol.send"), `code` (the whole of it: the step's own, or one that its message names
as a code), `status` (KO, TIMEOUT or ERR where it is not named), each one word or a list, `*` for anything; `message`
(a regular expression, ignoring case); `sandbox` (true or false); `http` (the status of a response to our own request);
`means` (what the failure of a step that sends proves about the document, one or more of `failure_table.Meaning`).

If several entries match, the operator's file comes first. Within a file the most specific one counts (`rank`): the
connection (an entry with `"kind": "transport"`), because an outage proves nothing about the document, unless the other
side has answered by its own code or words; then a code; words of the message or a family of codes; last the action
alone. Among equals the one with more conditions counts, then the first in the file.

An entry with `"kind": "document"` speaks of a document that is sent, so it matches no step that cancels or registers:
a refused cancellation refuses no invoice.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache, lru_cache, partial
from pathlib import Path

from jobs.diagnosis import actions
from jobs.diagnosis.actions import Category
from jobs.diagnosis.destinations import destination
from jobs.diagnosis.explanations_file import MESSAGE, Alternative, CatalogueError, Entry, below, entries
from jobs.diagnosis.failure_codes import named_codes
from jobs.diagnosis.failure_meaning import Finding, meaning
from jobs.diagnosis.failure_table import Meaning
from jobs.diagnosis.validation_errors import Problem, problems

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
WORD = 200
EDGE = "blocked at the edge"  # our phrase for a request blocked by the network in front of the API
_http = re.compile(r"http (\d{3})\b ?(.*)")
FAILURES = ("KO", "TIMEOUT", "ERR")
ANSWERED = {Meaning.HAS_IT, Meaning.WITH_ERRORS, Meaning.ACCEPTED, Meaning.REFUSED}
NO_DOCUMENT = {Category.CANCEL, Category.REGISTER, Category.UNREGISTER, Category.WAIT_HUMAN_SETUP}  # nothing is sent


class Owner(StrEnum):
    """Who can act."""

    DATA = "data"  # the author of the document
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
    """What a rerun would do."""

    HELPS = "helps"  # once the cause is gone
    USELESS = "useless"  # fails the same way until something is changed
    SAFE_SKIP = "safe-skip"  # skips what was already sent
    DANGER = "danger"  # may issue the document twice


@dataclass(frozen=True, slots=True)
class Explanation:
    """An entry in one language; texts missing from the catalogue are empty."""

    id: str
    title: str
    cause: str
    remedy: str
    owner: Owner
    rerun: Rerun
    source: str = ""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One set of conditions with the entry it leads to."""

    wanted: Alternative
    entry: Entry
    provider: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Catalogue:
    entries: tuple[Entry, ...]  # in the order of the files
    _candidates: tuple[_Candidate, ...] = field(repr=False)  # the most specific first
    _of_action: Callable[[str], tuple[_Candidate, ...]] = field(repr=False)  # those that may match an action

    def find(
        self, provider: str, code: str, message: str, status: str = "KO", sandbox: bool | None = None
    ) -> Entry | None:
        """The most specific entry for this step or fault. Long texts are matched up to a limit."""
        report = _Report(provider, code, message, status, sandbox)
        return next((each.entry for each in self._of_action(report.provider) if report.fits(each)), None)

    def answer(self, http: int, message: str = "") -> Entry | None:
        """The most specific entry for an error response of the API."""
        text = message[:MESSAGE]
        return next((each.entry for each in self._candidates if _fits(each.wanted, http, text)), None)


def rank(wanted: Alternative, is_transport: bool) -> tuple[int, int]:
    """How specific a set of conditions is; the lowest comes first."""
    if is_transport:
        tier = 0
    elif wanted.names_a_code:
        tier = 1
    elif wanted.code or wanted.message is not None:
        tier = 2
    else:
        tier = 3
    return tier, -wanted.count


@cache
def built_in() -> Catalogue:
    return load(BUILT_IN)


@cache
def load(*paths: str | Path) -> Catalogue:
    """The entries of these files in order, read once. Raises CatalogueError with the reason."""
    files = [tuple(entries(Path(path), set(Owner), set(Rerun))) for path in paths]
    candidates = tuple(each for file in files for each in _ranked(file))
    of_action = lru_cache(maxsize=256)(partial(_of_action, candidates))
    return Catalogue(tuple(entry for file in files for entry in file), candidates, of_action)


def _of_action(candidates: tuple[_Candidate, ...], action: str) -> tuple[_Candidate, ...]:
    return tuple(
        each
        for each in candidates
        if each.wanted.http is None and (each.provider is None or each.provider.match(action) is not None)
    )


def _ranked(file: tuple[Entry, ...]) -> list[_Candidate]:
    found = [
        _Candidate(wanted, entry, below(wanted.provider) if wanted.provider else None)
        for entry in file
        for wanted in entry.alternatives
    ]
    return sorted(found, key=lambda each: rank(each.wanted, each.entry.is_transport))


@cache
def with_extra(path: str) -> Catalogue:
    """The operator's file, if configured, before our own. Raises CatalogueError."""
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
    """The explanation of a fault, or of an event with this status; None if unknown. Never raises."""
    entry = (catalogue or built_in()).find(provider, code, message, status, sandbox)
    return in_language(entry, language) if entry else None


def explain_answer(reason: str, catalogue: Catalogue, language: str) -> Explanation | None:
    """The explanation of an API error, by our phrase for it: "http 404 not-found"."""
    if reason == EDGE:
        return _of_answer(403, "error code: 1010", catalogue, language)
    found = _http.match(reason)
    return _of_answer(int(found[1]), found[2], catalogue, language) if found else None


def _of_answer(http: int, kind: str, catalogue: Catalogue, language: str) -> Explanation | None:
    entry = catalogue.answer(http, kind)
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


class _Report:
    """The texts of a step or fault, cut and case-folded once for all entries."""

    def __init__(self, provider: str, code: str, message: str, status: str, sandbox: bool | None) -> None:
        self.provider, self.code = provider[:WORD].strip().lower(), code[:WORD]
        self.message = message[:MESSAGE]
        self.codes = named_codes(code[:WORD].strip().lower(), self.message)
        self.status = status[:WORD].strip().upper()
        self.sandbox = sandbox
        self._finding: Finding | None = None
        self.sends = destination(self.provider) is not None
        self.sends_no_document = actions.category(self.provider) in NO_DOCUMENT

    def fits(self, candidate: _Candidate) -> bool:
        wanted = candidate.wanted
        return (
            not (candidate.entry.is_of_document and self.sends_no_document)
            and self.status in (wanted.status or FAILURES)
            and (wanted.sandbox is None or wanted.sandbox == self.sandbox)
            and (not wanted.code or self._has_code(wanted))
            and (wanted.message is None or wanted.message.search(self.message) is not None)
            and not (candidate.entry.is_transport and not wanted.code and self._denies(candidate.entry))
            and not (candidate.entry.rerun == Rerun.HELPS and self._may_have_arrived())
            and (not wanted.means or (self.sends and self.finding.meaning in wanted.means))
        )

    @property
    def finding(self) -> Finding:
        """What it proves about the document; found once, and only if an entry asks."""
        if self._finding is None:
            self._finding = meaning(self.provider, self.code, self.message)
        return self._finding

    def _may_have_arrived(self) -> bool:
        """Whether no entry that calls a rerun safe may be shown."""
        return self.sends and self.finding.meaning == Meaning.NOBODY_KNOWS

    def _denies(self, entry: Entry) -> bool:
        """Whether the failure proves what an entry about the connection denies.

        Once the other side has answered, words such as "timeout" are about something in its answer. What never left
        did not arrive, and what may have arrived is not safe to rerun. A receiver who is nowhere is no outage.
        """
        found = self.finding.meaning
        if found in ANSWERED or not self.sends:
            return found in ANSWERED
        return self.finding.is_lasting or (found, entry.rerun) in {
            (Meaning.NEVER_LEFT, Rerun.DANGER),
            (Meaning.NOBODY_KNOWS, Rerun.HELPS),
        }

    def _has_code(self, wanted: Alternative) -> bool:
        if wanted.names_a_code:
            return not self.codes.isdisjoint(wanted.code)
        return any(fnmatchcase(given, code) for given in self.codes for code in wanted.code)


def _fits(wanted: Alternative, http: int, text: str) -> bool:
    return wanted.http == http and (wanted.message is None or wanted.message.search(text) is not None)
