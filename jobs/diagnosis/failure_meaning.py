"""What a failure proves about the document, by the rows of `failure_table`.

A failure without a match is unknown, and the document must not be called rejected.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from jobs.diagnosis import clauses, failure_table
from jobs.diagnosis.failure_codes import in_words, named_codes, of_http
from jobs.diagnosis.failure_table import (
    HAS_IT_IN_WORDS,
    MAIL,
    REFUSED_IN_WORDS,
    REFUSED_STATUS,
    STRONG_WORDS,
    TABLE,
    WORDS_LIKE_CODES,
    WRONG_IN_WORDS,
    Meaning,
    Row,
)

MESSAGE = 1_000  # characters that are read
CODES = 12  # codes of a failure
CHARACTERS = 25_000  # of all messages of a job that are read
# "la fattura non risulta duplicata": the negation is inside the match.
_inner_negation = re.compile(
    r"\b(?:not|non|no|nie|nicht|n[aã]o|pas)\ (?:(?:risulta|è|es|est[aá]|jest|is|a)\ )?(?:un\w*\ |a\ )?duplic",
    re.IGNORECASE,
)
_leading_code = re.compile(
    r"\A\W*(?:(?:fatal\s+)?error|code|c[oó]digo|codice|kod|regla|regra|rejei[cç][aã]o|status|err)?\W{0,3}"
    r"((?:[A-Za-z]{1,8}[-_:]?)?\d[\w.-]{1,20})(?=\W|\Z)",
    re.IGNORECASE,
)
_http_status = re.compile(r"http[/ _-]?\d{3}\b", re.IGNORECASE)
_refused_status = failure_table.codes(REFUSED_STATUS)
_accepts = failure_table.words(
    r"accept | acept | accett | angenommen | akzeptiert | przyj[eę]t | zaakcept | aceit | αποδεκτ | autoriz"
)
_split = re.compile(r"[\s,;|/]+")
# If a failure has several codes, or its event and its fault differ, the most specific meaning.
STRONGEST = (
    Meaning.HAS_IT, Meaning.ACCEPTED, Meaning.REFUSED, Meaning.WITH_ERRORS, Meaning.NOBODY_KNOWS, Meaning.NEVER_LEFT,
)  # fmt: skip
_by_code = tuple(row for row in TABLE if row.code is not None)
_by_wording = tuple(row for row in TABLE if row.code is None)
# "invalid-prices-include" is an error before sending, whose wording refuses nothing.
_by_words_of_code = tuple(row for row in _by_wording if row is not WRONG_IN_WORDS)


@dataclass(frozen=True, slots=True)
class Finding:
    meaning: Meaning | None  # None: unknown
    code: str = ""  # that proves it; "" if words do
    is_lasting: bool = False  # see Row

    @property
    def by_code(self) -> bool:
        return bool(self.code)


def strength(meaning: Meaning | None) -> int:
    """The place among the meanings, the most specific first; unknown is last."""
    return STRONGEST.index(meaning) if meaning is not None else len(STRONGEST)


class Reader:
    """Interprets each failure of a job once, in CHARACTERS of its messages; failures beyond them have no meaning."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], Finding] = {}
        self._left = CHARACTERS

    def __call__(self, provider: str, code: str, message: str) -> Finding:
        report = (provider[:200], code[:200], message[:MESSAGE])
        if report not in self._known:
            self._left -= len(report[2]) + 20
            self._known[report] = meaning(*report) if self._left >= 0 else Finding(None)
        return self._known[report]

    def is_turned_down(self, message: str) -> bool:
        """Whether the message of an OK step says the document was refused."""
        self._left -= min(len(message), MESSAGE) + 20
        return self._left >= 0 and is_turned_down(message)


def meaning(provider: str, code: str, message: str) -> Finding:
    """What a KO, TIMEOUT or ERR with this code and message proves about the document. Never raises."""
    action, text = provider.strip().lower()[:200], message[:MESSAGE]
    if action.startswith(MAIL) and clauses.is_of_some(text):
        return Finding(Meaning.NOBODY_KNOWS)  # some recipients have it
    found = _meaning(action, code, text)
    if found.meaning == Meaning.NEVER_LEFT and not found.is_lasting and clauses.is_after_sending(text):
        return Finding(Meaning.NOBODY_KNOWS)  # this request never left, but one before it did
    return found


def _meaning(action: str, code: str, text: str) -> Finding:
    found = _by_codes(action, code, text)
    for strongest in STRONGEST:
        if strongest in found:
            return found[strongest]
    row = _of_wording(_by_wording, action, text) or _of_wording(_by_words_of_code, action, in_words(code[:200]))
    return Finding(row.meaning, is_lasting=row.is_lasting) if row else Finding(None)


def _by_codes(action: str, code: str, text: str) -> dict[Meaning, Finding]:
    """What each code proves, and the words that count beside codes; of several codes with one meaning, the first."""
    found: dict[Meaning, Finding] = {}
    rows = [(each, row) for each in _codes(code, text) if (row := _of_code(action, each, text))]
    for each, row in rows:
        shown = each if each in code else each.removeprefix("http/").upper()  # of a message: in lower case
        found.setdefault(row.meaning, Finding(row.meaning, shown, row.is_lasting))
    if rows:
        words = STRONG_WORDS if any(not row.is_general for _, row in rows) else (*STRONG_WORDS, HAS_IT_IN_WORDS)
        found |= {row.meaning: Finding(row.meaning) for row in words if _fits(row, action, text)}
    return found


def _of_wording(rows: tuple[Row, ...], action: str, text: str) -> Row | None:
    return next((row for row in rows if _fits(row, action, text)), None) if text else None


def contradicts_ok(provider: str, code: str) -> bool:
    """Whether a step's OK cannot mean that the document was accepted, because of its own code."""
    action, own = provider.strip().lower()[:200], code.strip()[:200]
    row = _of_code(action, own, "") if own else None
    return row is not None and row.contradicts_ok


def is_status_of_refusal(code: str) -> bool:
    """Whether the code is a plain word for "rejected"."""
    return _refused_status.match(code.strip()[:200]) is not None


def is_turned_down(message: str) -> bool:
    """Whether a response states that the document was refused, and not that it was accepted."""
    text = message[:MESSAGE]
    if _fits(WORDS_LIKE_CODES, "", text):
        return True
    is_accepted = any(clauses.is_fact(text, *found.span()) for found in _accepts.finditer(text))
    return _fits(REFUSED_IN_WORDS, "", text) and not is_accepted


def _codes(code: str, text: str) -> Iterator[str]:
    return (of_http(each, text) for each in _given(code, text))


def _given(code: str, text: str) -> Iterator[str]:
    """The codes of a failure: its own; without one, those its message starts with or names."""
    whole = code.strip()[:200]
    http = _http_status.match(whole)  # its number is no code of the authority, whose own may be in the message
    if http:
        yield http[0]
    elif whole:
        yield whole
        yield from _split.split(whole)[:CODES]
    if (http or not whole) and (leading := _leading_code.match(text)):
        yield leading[1].rstrip(".-:")
    yield from named_codes(whole, text)


def _of_code(action: str, code: str, text: str) -> Row | None:
    return next((row for row in _by_code if row.code and row.code.match(code) and _fits(row, action, text)), None)


def _fits(row: Row, action: str, text: str) -> bool:
    if row.providers and not action.startswith(row.providers):
        return False
    if row.not_from and action.startswith(row.not_from):
        return False
    if row.wording is not None and not _has_wording(row, text):
        return False
    return row.unless is None or row.unless.search(text) is None


def _has_wording(row: Row, text: str) -> bool:
    assert row.wording is not None  # noqa: S101 (the caller asked)
    if not row.can_be_negated:
        return row.wording.search(text) is not None
    return not clauses.is_of_some(text) and any(
        clauses.is_fact(text, found.start(), found.end())
        and not _inner_negation.search(text, found.start(), found.end())
        and not (row.elsewhere and row.elsewhere(text, found.start(), found.end()))
        for found in row.wording.finditer(text)
    )
