"""A case for the job's page: holder, state, ticket, notes. Fetches nothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib.auth.models import User

from jobs.cases import notes
from jobs.cases.notes import OpenedNote
from jobs.models import Case
from jobs.presenters.state_colours import Word

SHOWN = 50  # notes on the job's page; the case's own page shows all
LIVELY, QUIET = 5000, 15_000  # milliseconds between polls: after recent changes, and otherwise
LIVELY_FOR = timedelta(minutes=30)
STATES = {
    Case.State.OPEN: Word(Case.State.OPEN.label, "dot", "off"),
    Case.State.CUSTOMER: Word(Case.State.CUSTOMER.label, "clock", "wait"),
    Case.State.AUTHORITY: Word(Case.State.AUTHORITY.label, "clock", "wait"),
    Case.State.INVOPOP: Word(Case.State.INVOPOP.label, "clock", "wait"),
    Case.State.DONE: Word(Case.State.DONE.label, "check", "ok"),
}
# Only visible characters: those that reverse or hide text are never part of a link.
_LINK = re.compile(r"https://[!#-;=?-_a-~\xa1-\u1fff\u2c00-\ud7ff\uf900-\ufffd\U00010000-\U0003ffff]+", re.IGNORECASE)
_HIDDEN = re.compile(r"[\xad\u061c\u115f\u1160\u180e\u3164\ufe00-\ufe0f\ufeff\uffa0]")
_AFTER = ".,;:!?'»”’"  # at the end they belong to the sentence, not to the URL


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a note: plain text or a URL."""

    text: str
    is_link: bool = False


@dataclass(frozen=True, slots=True)
class NoteShown:
    key: UUID
    author: str
    at: datetime
    edited_at: datetime | None
    pieces: tuple[Piece, ...]
    text: str  # for the edit form
    is_own: bool
    is_editable: bool
    is_unreadable: bool
    of_other_run: UUID | None  # written on the page of another run of the document

    @property
    def edit_id(self) -> str:
        """Changes with each edit, so that an open form is kept while the text is unchanged."""
        return f"edit-{self.key}-{self.edited_at.timestamp() if self.edited_at else 0}"


@dataclass(frozen=True, slots=True)
class CaseShown:
    tag: str
    poll_ms: int
    word: Word
    state: str
    holder: str = ""
    holder_id: int | None = None
    held_at: datetime | None = None
    is_own: bool = False
    handed_by: str = ""
    is_pinned: bool = False
    pinned_by: str = ""
    ticket: str = ""
    notes: tuple[NoteShown, ...] = ()
    count: int = 0  # of all notes, including those not shown

    @property
    def earlier(self) -> int:
        return self.count - len(self.notes)

    @property
    def ticket_label(self) -> str:
        """The host and the end of the path, which is usually the ticket number."""
        parts = urlsplit(self.ticket)
        end = parts.path.rstrip("/").rpartition("/")[2] or parts.query
        return f"{parts.hostname} · {end[-24:]}" if end else str(parts.hostname or "")

    @property
    def states(self) -> list[tuple[str, Word]]:
        return [(str(state), word) for state, word in STATES.items()]


def tag(case: Case | None, now: datetime) -> str:
    """Changes with anything visible. It is computed from the case's row."""
    if case is None:
        return "none"
    return f"{case.pk}.{case.version}{'e' if now - case.changed_at < notes.EDITABLE else ''}"


def poll_ms(case: Case | None, now: datetime) -> int:
    return LIVELY if case is not None and now - case.changed_at < LIVELY_FOR else QUIET


def shown(
    case: Case | None, opened: Sequence[OpenedNote], count: int, ticket: str, by: User, job_id: UUID, now: datetime
) -> CaseShown:
    if case is None:
        return CaseShown(tag(None, now), poll_ms(None, now), STATES[Case.State.OPEN], Case.State.OPEN)
    return CaseShown(
        tag=tag(case, now),
        poll_ms=poll_ms(case, now),
        word=STATES[Case.State(case.state)],
        state=case.state,
        holder=case.holder.get_username() if case.holder else "",
        holder_id=case.holder_id,
        held_at=case.held_at,
        is_own=case.holder_id == by.pk,
        handed_by=case.handed_by.get_username() if case.handed_by else "",
        is_pinned=case.pinned_at is not None,
        pinned_by=case.pinned_by.get_username() if case.pinned_by else "",
        ticket=ticket,
        notes=tuple(_note(each, by, job_id, now) for each in opened),
        count=count,
    )


def pieces(text: str) -> tuple[Piece, ...]:
    """Splits a note into text and links; no other markup is recognised."""
    made: list[Piece] = []
    last = 0
    for found in _LINK.finditer(text):
        address = _trimmed(found[0])
        if not _is_address(address):
            continue
        made += [Piece(text[last : found.start()]), Piece(address, is_link=True)]
        last = found.start() + len(address)
    return tuple(piece for piece in [*made, Piece(text[last:])] if piece.text)


def _trimmed(found: str) -> str:
    """The URL without trailing punctuation; a closing bracket stays if it was opened in the URL."""
    hidden = _HIDDEN.search(found)
    address = found[: hidden.start()] if hidden else found
    unopened = {end: address.count(end) - address.count(begin) for begin, end in ("()", "[]", "{}")}
    length = len(address)
    while length:
        end = address[length - 1]
        if unopened.get(end, 0) > 0:
            unopened[end] -= 1
        elif end not in _AFTER:
            break
        length -= 1
    return address[:length]


def _is_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and "@" not in parts.netloc and (parts.port or 1) > 0
    except ValueError:
        return False


def _note(opened: OpenedNote, by: User, job_id: UUID, now: datetime) -> NoteShown:
    note = opened.note
    return NoteShown(
        key=note.key,
        author=note.author.get_username() if note.author else "",
        at=note.at,
        edited_at=note.edited_at,
        pieces=pieces(opened.text or ""),
        text=opened.text or "",
        is_own=note.author_id == by.pk,
        is_editable=opened.text is not None and notes.is_editable(note, by, now),
        is_unreadable=opened.text is None,
        of_other_run=note.job_id if note.job_id != job_id else None,
    )
