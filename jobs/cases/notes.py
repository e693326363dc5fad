"""Notes: plain text by one author, encrypted. Authors may edit for a while and delete; managers delete any."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from jobs import encryption
from jobs.cases import case_of_job, change_signal
from jobs.encryption import Secret, Unreadable
from jobs.models import Case, Change, Note, Team

LONGEST = 5000  # characters
MOST = 500  # notes per case
EDITABLE = timedelta(minutes=15)
TWICE = timedelta(seconds=30)  # the same text by the same person within this time is a resubmission


class Refused(Exception):
    """The note is not accepted."""


class Empty(Refused):
    pass


class TooLong(Refused):
    pass


class TooMany(Refused):
    pass


class TooLate(Refused):
    """The person is not the author, or it is too late to edit."""


@dataclass(frozen=True, slots=True)
class OpenedNote:
    """A note with its text, which is None if it cannot be decrypted."""

    note: Note
    text: str | None


def cleaned(typed: str) -> str:
    """The text as stored. Raises Empty, TooLong."""
    text = typed.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}").strip()
    if not text:
        raise Empty
    if len(text) > LONGEST:
        raise TooLong
    return text


def write(team: Team, job_id: UUID, by: User, typed: str, now: datetime) -> Note:
    """Adds a note. Raises Refused, case_of_job.NoSuchJob."""
    text = cleaned(typed)
    with transaction.atomic():
        case = case_of_job.opened(team, job_id, now)
        if again := _sent_again(case, by, text, now):
            return again
        if Note.objects.filter(case=case).count() >= MOST:
            raise TooMany
        note = Note(case=case, team=team, job_id=job_id, author=by, at=now)
        note.sealed = encryption.seal(Secret(text), note.place)
        note.save()
        case_of_job.touch(case, now)
        change_signal.changed.send(
            Note, case=case, job_id=job_id, by=by, what=Change.What.NOTE_WRITTEN, place=f"note-{note.key}"
        )
    return note


def edit(case: Case, key: UUID, by: User, typed: str, now: datetime) -> Note:
    """Changes a note. Raises Refused, Note.DoesNotExist."""
    text = cleaned(typed)
    with transaction.atomic():
        note = Note.objects.select_for_update().get(case=case, key=key)
        if not is_editable(note, by, now):
            raise TooLate
        note.sealed, note.edited_at = encryption.seal(Secret(text), note.place), now
        note.save(update_fields=["sealed", "edited_at"])
        case_of_job.touch(case, now)
    return note


def delete(case: Case, key: UUID, now: datetime, by: User | None = None) -> bool:
    """Deletes a note; with `by`, only of this author, otherwise raises Note.DoesNotExist. False if already deleted."""
    with transaction.atomic():
        found = Note.objects.filter(case=case, key=key)
        if by and found.exclude(author=by).exists():
            raise Note.DoesNotExist
        gone, _ = found.delete()
        return bool(gone) and case_of_job.touch(case, now)


def is_editable(note: Note, by: User, now: datetime) -> bool:
    """Whether this person may still edit the note."""
    return note.author_id == by.pk and now - note.at < EDITABLE


def of(case: Case, most: int | None = None) -> tuple[Sequence[OpenedNote], int]:
    """The newest notes in chronological order, and the total number."""
    found = list(Note.objects.filter(case=case).select_related("author").order_by("-at", "-pk")[:most])
    count = len(found) if most is None or len(found) < most else Note.objects.filter(case=case).count()
    return [OpenedNote(note, text_of(note)) for note in reversed(found)], count


def text_of(note: Note) -> str | None:
    """None if it cannot be decrypted."""
    try:
        return encryption.unseal(note.sealed, note.place).reveal()
    except Unreadable:
        return None


def _sent_again(case: Case, by: User, text: str, now: datetime) -> Note | None:
    last = Note.objects.filter(case=case, author=by, at__gt=now - TWICE).order_by("-at", "-pk").first()
    return last if last and text_of(last) == text else None
