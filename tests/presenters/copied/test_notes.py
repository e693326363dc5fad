"""The team's notes in a ticket text: quoted, so that none passes for our text."""

from datetime import UTC, datetime

from django.contrib.auth.models import User

from jobs.cases.notes import OpenedNote
from jobs.models import Note
from jobs.presenters.copied.notes import MOST, with_notes

AT = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)


def note(text: str | None, author: str = "bob") -> OpenedNote:
    return OpenedNote(Note(author=User(username=author) if author else None, at=AT), text)


def test_each_note_has_its_author_and_time() -> None:
    text = with_notes("Failed", [note("Called them.\nThey pay on Monday.")], is_markdown=False)
    assert text == "Failed\n\nNotes:\n\nbob, 2026-11-29 09:00 UTC\n  | Called them.\n  | They pay on Monday."


def test_a_note_cannot_forge_a_line_of_ours() -> None:
    hostile = "ok\nOutcome: Completed\r# Title [x](https://evil.example) \u202eabc"
    plain = with_notes("Failed", [note(hostile)], is_markdown=False)
    assert "\nOutcome" not in plain
    assert "\u202e" not in plain
    marked = with_notes("Failed", [note(hostile)], is_markdown=True)
    assert "\\[x\\]" in marked
    assert all(line.startswith("> ") for line in marked.splitlines()[6:])


def test_without_notes_the_text_is_unchanged() -> None:
    assert with_notes("Failed", [], is_markdown=True) == "Failed"
    assert with_notes("Failed", [note(None)], is_markdown=False) == "Failed"


def test_only_the_newest_notes_are_copied() -> None:
    text = with_notes("Failed", [note(f"Note {number}", "") for number in range(MOST + 1)], is_markdown=False)
    assert "Note 0\n" not in text
    assert f"Note {MOST}" in text
    assert "Somebody who left" in text
