"""Parses a validation text into rows of path and problem. There have been three forms:

    [GOBL-ES-BILL-INVOICE-01] ($.doc.customer, $.doc.supplier) must …; [GOBL-…] …     since spring 2026  [D]
    validation: customer: must have a tax_id or an identity.                          before              [W]
    validation: (doc: (customer: (tax_id: cannot be blank.).).)                       before, nested      [W]

and `fields`, JSON nested like the document (2025). Nothing is lost: text without a path is kept without one.
Any text is read in one pass, however long or deep it is.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from jobs.invopop.job_payload import Fault

PROBLEMS = 1_000  # rows; the rest is one row without a path
FIELDS = 200_000  # characters of `fields` that are parsed; longer ones are shown unchanged
DEPTH = 100  # levels of nesting, and names in a path

_start = re.compile(r"\s*validation:\s*", re.IGNORECASE)
# Other codes in brackets count only before a path: "[UTF-8]" is not a code.
_rule = re.compile(
    r"\[(GOBL(?:-[A-Z0-9]{1,24}){1,7}|[A-Z][A-Z0-9-]{2,60}(?=\]\s{0,4}\(\$))\]\s{0,4}(?:\(([^()]{0,2000})\))?\s{0,4}"
)
_name = re.compile(r"\(?([A-Za-z0-9_$@][A-Za-z0-9_$@.\[\]-]{0,80}):\s{1,4}")
_piece = re.compile(r"[();]")
_index = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Problem:
    """One validation error. `path` is a JSONPath, or the part of one the text gives; "" if none."""

    path: str
    code: str
    text: str


def problems(fault: Fault) -> tuple[Problem, ...]:
    """Errors listed in the fault's message, otherwise in its `fields`; none for a plain sentence."""
    found = rows(fault.message)
    if any(problem.path or problem.code for problem in found):
        return found
    return tuple(_of_fields(fault.fields)) if fault.fields else ()


def rows(text: str) -> tuple[Problem, ...]:
    """Errors listed in a validation text; a plain sentence is one error without a path. Never raises."""
    if _rule.search(text):
        return tuple(_ruled(text))
    start = _start.match(text)
    body = text[start.end() :] if start else text
    if not start and not body.lstrip().startswith("("):
        return (Problem("", "", text.strip()),) if text.strip() else ()
    return tuple(_listed(body))


def _ruled(text: str) -> Iterator[Problem]:
    found = list(_rule.finditer(text))[:PROBLEMS]
    before = text[: found[0].start()]
    opening = _start.match(before)
    yield from _without_path(before[opening.end() :] if opening else before)
    ends = [each.start() for each in found[1:]] + [len(text)]
    for each, end in zip(found, ends, strict=True):
        paths = [path.strip() for path in (each[2] or "").split(",")]
        start = each.end() if not any(re.search(r"\s", path) for path in paths) else each.end(1) + 1
        message = text[start:end].strip().removesuffix(";").strip()
        for path in paths if start == each.end() else [""]:
            yield Problem(path, each[1], message)


def _listed(text: str) -> Iterator[Problem]:
    """`a: text; b: (c: text.).`: a bracket after a name goes a level down, one too many goes a level up."""
    reader = _Reader(text)
    for _ in range(PROBLEMS):
        problem = reader.next()
        if problem is None:
            return
        yield problem
    yield from _without_path(text[reader.at :])


class _Reader:
    """Reads the text in one pass. `levels` has the names that lead to each open bracket."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.levels: list[list[str]] = [[]]

    def next(self) -> Problem | None:
        while self.at < len(self.text):
            names = self._names()
            message = self._message()
            path = _path([name for level in self.levels for name in level] + names)
            self._close()
            if message or names:
                return Problem(path, "", message)
        return None

    def _names(self) -> list[str]:
        """The names at this position; a name with a bracket after or before it opens a level."""
        names: list[str] = []
        while found := _name.match(self.text, self.at):
            if len(self.levels) + len(names) > DEPTH:
                break
            if self.text[self.at] == "(":
                self.levels.append(names)
                names = []
            names = [*names, found[1]]
            self.at = found.end()
        return names

    def _message(self) -> str:
        """The text of this problem; brackets inside a sentence belong to it."""
        start, inside = self.at, 0
        for found in _piece.finditer(self.text, self.at):
            piece, after = found[0], found.end()
            if piece == "(":
                inside += 1
            elif piece == ")" and inside:
                inside -= 1
            elif piece == ")" or (not inside and _name.match(self.text, after + 1)):
                return self._taken(start, found.start())
        return self._taken(start, len(self.text))

    def _taken(self, start: int, end: int) -> str:
        self.at = end
        return self.text[start:end].strip(" .;\n\t")

    def _close(self) -> None:
        """Reads what follows a problem: closing brackets, full stops, and the semicolon before the next."""
        while self.at < len(self.text) and self.text[self.at] in "). ;\n\t":
            if self.text[self.at] == ")" and len(self.levels) > 1:
                self.levels.pop()
            self.at += 1


def _path(names: list[str]) -> str:
    """["doc", "lines", "0", "item"] is $.doc.lines[0].item; a name that is already a path is unchanged."""
    if not names:
        return ""
    steps = (f"[{name}]" if _index.fullmatch(name) else f".{name}" for name in names)
    path = "".join(steps).removeprefix(".$")
    return path if path.startswith("$") else f"${path}"


def _of_fields(fields: str) -> Iterator[Problem]:
    """[D] The deprecated field: JSON text with objects nested like the document, and sentences as leaves."""
    if len(fields) > FIELDS:
        return
    try:
        decoded = json.loads(fields)
    except (ValueError, RecursionError):
        return
    waiting: list[tuple[list[str], object]] = [([], decoded)]
    count = 0
    while waiting and count < PROBLEMS:
        names, value = waiting.pop()
        if isinstance(value, dict | list) and len(names) < DEPTH:
            items = value.items() if isinstance(value, dict) else enumerate(value)
            waiting.extend(reversed([([*names, str(name)], below) for name, below in items]))
        elif names and value not in (None, ""):
            count += 1
            yield Problem(_path(names), "", value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _without_path(text: str) -> Iterator[Problem]:
    message = text.strip(" .;\n\t")
    if message:
        yield Problem("", "", message)
